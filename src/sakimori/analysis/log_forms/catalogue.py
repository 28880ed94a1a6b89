"""All logs that rules can judge."""

from functools import cache

from sakimori.analysis.log_forms.form import LogForm


@cache
def log_forms() -> tuple[LogForm, ...]:
    """Every form, CloudTrail first."""
    from sakimori.analysis.log_forms import cloudtrail, network, sessions, web  # noqa: PLC0415 - all sources' parsers

    return (
        cloudtrail.FORM, network.VPC_FLOW_FORM, network.TRANSIT_GATEWAY_FORM, network.DNS_FORM, web.ALB_FORM,
        web.CLASSIC_FORM, web.CLOUDFRONT_FORM, web.WAF_FORM, web.API_GATEWAY_FORM, web.S3_ACCESS_FORM,
        sessions.RDS_AUDIT_FORM, sessions.SSM_SESSION_FORM,
    )  # fmt: skip


def forms_of(product: str | None, service: str | None, category: str | None) -> tuple[LogForm, ...]:
    """The logs that a Sigma `logsource` means; none where it means another product, or none that the lake keeps."""
    return tuple(
        form
        for form in log_forms()
        if (product is None or product in form.products)
        and (service is None or service in form.services)
        and (category is None or category in form.categories)
        and (service is not None or category is not None)
    )
