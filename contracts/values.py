"""The scalar types of the wire: money as text, text without control characters."""

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    JsonValue,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
NO_CONTROL: dict[str, JsonValue] = {
    "pattern": r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"  # what CONTROL refuses, for the schemas
}
EXAMPLE = 'write it as a string, for example "12.50"'


class Model(BaseModel):
    """What every part of the contract is: frozen, and closed to fields nobody agreed on."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="null")


def _plain(value: Decimal) -> str:
    return format(value, "f")


@dataclass(frozen=True, slots=True)
class DecimalText:
    """A decimal that travels as text with at most `places` decimals; a JSON number is refused."""

    places: int
    description: str

    @property
    def pattern(self) -> str:
        return rf"^-?[0-9]{{1,15}}(\.[0-9]{{1,{self.places}}})?$"

    def check(self, value: Any) -> Any:
        if isinstance(value, bool | int | float):
            # Of a validator's errors pydantic reports ValueErrors, and lets a TypeError through.
            raise ValueError(f"a number loses digits in JSON: {EXAMPLE}")  # noqa: TRY004
        if isinstance(value, str) and not re.fullmatch(self.pattern, value):
            raise ValueError(f"not a decimal with at most {self.places} decimals: {EXAMPLE}")
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        decimal = core_schema.decimal_schema(
            max_digits=15 + self.places, decimal_places=self.places, allow_inf_nan=False
        )
        return core_schema.no_info_before_validator_function(
            self.check,
            decimal,
            serialization=core_schema.plain_serializer_function_ser_schema(
                _plain, when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "pattern": self.pattern, "description": self.description}


def _no_control_characters(value: str) -> str:
    if found := CONTROL.search(value):
        raise ValueError(f"contains the control character U+{ord(found.group()):04X}: remove it")
    return value


Money = Annotated[Decimal, DecimalText(4, "An amount in the document's currency.")]
Price = Annotated[
    Decimal, DecimalText(6, "A price per unit, before tax unless the document says otherwise.")
]
Quantity = Annotated[Decimal, DecimalText(4, "A quantity, at most four decimals.")]
Percent = Annotated[Decimal, DecimalText(6, "A percentage: 20 means 20 %.")]
Rate = Annotated[
    Decimal, DecimalText(12, "Units of the company's home currency for one of the document's.")
]
Text = Annotated[
    str,
    Field(max_length=4000, json_schema_extra=NO_CONTROL),
    AfterValidator(_no_control_characters),
]
ShortText = Annotated[
    str,
    Field(max_length=255, json_schema_extra=NO_CONTROL),
    AfterValidator(_no_control_characters),
]
Name = Annotated[
    str,
    Field(min_length=1, max_length=255, json_schema_extra=NO_CONTROL),
    AfterValidator(_no_control_characters),
]
Seconds = Annotated[
    timedelta,
    WithJsonSchema(
        {
            "description": "A number of seconds, or ISO 8601 (PT6M).",
            "anyOf": [{"type": "number"}, {"type": "string", "format": "duration"}],
        }
    ),
]
LocalId = Annotated[
    str,
    Field(min_length=1, max_length=100, json_schema_extra=NO_CONTROL),
    AfterValidator(_no_control_characters),
]
Month = Annotated[
    str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="A calendar month, say 2026-03.")
]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217, say GBP.")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2, say GB.")]


class EntityType(StrEnum):
    """What is kept in sync."""

    CONTACT = "contact"
    ITEM = "item"
    ACCOUNT = "account"
    TAX_CODE = "tax_code"
    TRACKING = "tracking"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"
    REFUND = "refund"
    PURCHASE_ORDER = "purchase_order"
    BILL = "bill"
