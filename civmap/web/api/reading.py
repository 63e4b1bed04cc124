"""Reading bodies and queries into models, and saying what is wrong with them field by field."""

from collections.abc import Mapping
from typing import Any, TypeVar

from flask import Request
from pydantic import BaseModel, ValidationError

from civmap.errors import CivmapError, Invalid, Several
from civmap.web import credentials

Model = TypeVar("Model", bound=BaseModel)
CODES = {
    "missing": "member_missing", "extra_forbidden": "member_unknown", "literal_error": "member_choice",
    "enum": "member_choice", "string_too_long": "member_too_long", "string_too_short": "member_empty",
    "too_long": "member_too_long", "too_short": "member_empty", "string_type": "member_text",
    "string_pattern_mismatch": "member_wrong", "float_type": "member_number", "float_parsing": "member_number",
    "finite_number": "member_number", "int_type": "member_whole_number", "int_parsing": "member_whole_number",
    "int_from_float": "member_whole_number", "bool_type": "member_yes_no", "bool_parsing": "member_yes_no",
    "model_type": "member_object", "dict_type": "member_object", "list_type": "member_list",
    "model_attributes_type": "member_object",
    "greater_than_equal": "member_bounds", "less_than_equal": "member_bounds", "greater_than": "member_bounds",
    "less_than": "member_bounds",
}


def read_body(model: type[Model], value: Any) -> Model:
    """Return a body as its model; raise Several naming every field that is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError as problem:
        raise Several([_said(model, error) for error in problem.errors(include_url=False)]) from problem


def read_query(model: type[Model], request: Request) -> Model:
    """Return a query as its model; raise Several naming every parameter that is wrong or unknown.

    A token that other software may put into an address has opened the door already and is no part of the question.
    """
    own = ("api_key",) if credentials.is_for_programs(request.path) else ()
    return read_query_values(model, {name: value for name, value in request.args.items()
                                     if value != "" and name not in own})


def read_query_values(model: type[Model], filled: Mapping[str, str]) -> Model:
    """Return the filled values of a query as their model; raise Several."""
    try:
        return model.model_validate(filled)
    except ValidationError as problem:
        raise Several([_said(model, error) for error in problem.errors(include_url=False)]) from problem


def _said(model: type[BaseModel], error: Mapping[str, Any]) -> CivmapError:
    cause = (error.get("ctx") or {}).get("error")
    field = ".".join(str(part) for part in error["loc"] if part != "properties") or "body"
    if isinstance(cause, _Refused):
        return Invalid(cause.code, field=field, **cause.facts)
    facts = {name: value for name, value in (error.get("ctx") or {}).items() if isinstance(value, str | int | float)}
    known = [name if not field_.alias else field_.alias for name, field_ in model.model_fields.items()]
    return Invalid(CODES.get(error["type"], "member_wrong"), field=field, name=field, known=known,
                   value=str(error.get("input"))[:60], **_bounds(facts))


def _bounds(facts: dict[str, Any]) -> dict[str, Any]:
    edges = [facts[name] for name in ("ge", "gt", "le", "lt", "expected", "max_length", "min_length") if name in facts]
    return {"wanted": edges[0] if edges else ""}


class _Refused(ValueError):
    """A validator's refusal that carries one of our own codes through the model library."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


refused = _Refused
