"use strict";
(() => {
  const rows = [...document.querySelectorAll(".row")];
  const groups = [...document.querySelectorAll(".rule")];
  const filters = document.getElementById("filters");
  const fields = { account: null, region: null, rule: null };
  const search = document.getElementById("search");
  const shown = [...document.querySelectorAll("[data-shown]")];
  const words = new Map();

  const textOf = (row) => {
    if (!words.has(row)) {
      words.set(row, `${row.closest(".rule").dataset.words} ${row.textContent}`.toLowerCase());
    }
    return words.get(row);
  };
  const checked = (name) => new Set([...filters.querySelectorAll(`input[name="${name}"]:checked`)].map((box) => box.value));

  const apply = () => {
    const severities = checked("severity");
    const statuses = checked("status");
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const data = row.dataset;
      const fits =
        severities.has(data.severity) &&
        statuses.has(data.status) &&
        Object.entries(fields).every(([name, field]) => !field.value || field.value === data[name]) &&
        words.every((word) => textOf(row).includes(word));
      row.hidden = !fits;
      count += fits;
    }
    const narrowed = count < rows.length;
    for (const group of groups) {
      group.hidden = narrowed && !group.querySelector(".row:not([hidden])");
    }
    for (const place of shown) place.textContent = count.toLocaleString("en");
  };

  for (const name of Object.keys(fields)) {
    const field = document.getElementById(`filter-${name}`);
    fields[name] = field;
    const values = [...new Set(rows.map((row) => row.dataset[name]))].sort();
    for (const value of values) field.append(new Option(value, value));
  }
  // A link may lead into what is folded; paper can unfold nothing.
  const unfold = () => {
    const place = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (place) for (const part of place.querySelectorAll("details.guide, details.quiet-rows")) part.open = true;
  };
  let unfolded = [];
  addEventListener("hashchange", unfold);
  addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("details:not([open]):not(.quiet-rows)")];
    for (const part of unfolded) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of unfolded) part.open = false;
  });
  unfold();
  const speak = () => {
    document.documentElement.lang = document.getElementById("lang-ja").checked ? "ja" : "en";
  };
  for (const name of ["lang-ja", "lang-en"]) document.getElementById(name).addEventListener("change", speak);
  filters.addEventListener("input", apply);
  filters.hidden = false;
  apply();
})();
