"""What request bodies have in common."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticSerializationError


class Body(BaseModel):
    """A JSON body whose strings are text."""

    @model_validator(mode="after")
    def _is_text(self) -> Self:
        # JSON can spell half of a surrogate pair, which is no text and could not be sent back.
        try:
            self.model_dump_json()
        except PydanticSerializationError:
            raise ValueError("a text holds half of a surrogate pair") from None
        return self


class Health(BaseModel):
    """That it went well."""

    status: str = Field(examples=["ok"])


def plain(model: BaseModel) -> dict[str, Any]:
    """A model as JSON's values."""
    return model.model_dump(mode="json")
