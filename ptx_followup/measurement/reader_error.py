"""How far a person who outlines a pneumothorax lies from another: the error of a mask that is given."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ptx_followup.errors import InputError

#: Standard deviation of one reader's log(1 + percent of the hemithorax), from the films of SIIM-ACR's
#: challenge that two readers outlined (Dice of the two 0.63; docs/real-data.md).
ONE_READER_LOG1P = 0.325

#: Correlation of the errors of two films that one person outlined: a habit of outlining widely or closely is
#: on both and cancels in their difference. An assumption: nobody has measured it.
SAME_READER = 0.5

#: Entry of a file of `ptx data readings` or `ptx review --agreement` that holds a reader's error.
ENTRY = "reader_error"
SCHEMA: Final = "ptx-reader-error/1"

#: Who outlined both films: one person, or two.
Readers = Literal["same", "different"]


class ReaderError(BaseModel):
    """The error of one reader, as a file states it.

    Attributes:
        sd_log1p: Standard deviation of one reader's log(1 + percent of the hemithorax).
        sd_interval: Its 95 % interval, if known.
        readings: Pairs of readings behind it.
        source: Where it comes from.
        sha256: Of the file; empty for the value on board. Not part of the file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["ptx-reader-error/1"] = Field(SCHEMA, alias="schema")
    sd_log1p: Annotated[float, Field(gt=0, le=3)]
    sd_interval: tuple[float, float] | None = None
    readings: Annotated[int, Field(ge=2)]
    source: str
    sha256: str = Field("", exclude=True)

    @classmethod
    def read(cls, path: Path) -> ReaderError:
        """Read a file of these fields, or one of `ptx data readings` or `ptx review --agreement` with them.

        Raises:
            InputError: It cannot be read, or is something else.
        """
        try:
            content = path.read_bytes()
            document = json.loads(content)
            found = cls.model_validate(document.get(ENTRY, document))
        except OSError:
            raise InputError(f"{path.name} cannot be read", "name a file of readers' errors") from None
        except (ValueError, AttributeError, RecursionError):  # pydantic's errors are ValueErrors
            raise InputError(
                f"{path.name} states no reader's error",
                "make it with `ptx data readings` or `ptx review --agreement`",
            ) from None
        return found.model_copy(update={"sha256": hashlib.sha256(content).hexdigest()})

    def to_text(self) -> str:
        """As JSON with the hash of its file, for another process; `model_validate_json` reads it."""
        return json.dumps({**self.model_dump(by_alias=True), "sha256": self.sha256})

    @model_validator(mode="after")
    def _interval_holds_the_value(self) -> Self:
        if self.sd_interval is not None and not self.sd_interval[0] <= self.sd_log1p <= self.sd_interval[1]:
            raise ValueError("expected sd_interval to hold sd_log1p")
        return self


#: Of the masks on which the networks on board were trained.
PUBLISHED_READERS = ReaderError(
    sd_log1p=ONE_READER_LOG1P,
    readings=72,
    source="films of SIIM-ACR's challenge that two readers outlined, Dice of the two 0.63",
)
