"""How what is still at large is named."""

from sakimori.app.respond.place_words import left_words
from sakimori.app.respond.telling import sentence


def test_a_credential_of_which_the_holder_is_not_known_has_no_empty_holder() -> None:
    told = left_words("user_key BNXQ ")
    assert isinstance(told, dict)
    assert sentence(told["text"], told["values"], "en").endswith("…BNXQ, of whom is not known")
    known = left_words("user_key BNXQ user/alice")
    assert isinstance(known, dict)
    assert sentence(known["text"], known["values"], "en").endswith("…BNXQ of user/alice")
