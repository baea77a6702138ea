"""What a model's sizes are worth: the few figures of `config.json` from which the change is judged."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

#: How a film is looked at for a change: under one sentence for both films, or each under its own words.
NetworkRoute = Literal["images", "images and words"]

NOT_MEASURED = (
    "default: wider than the error of any model that was measured; "
    "ptx calibrate gives a model its own figures"
)
_Spread = Annotated[float, Field(gt=0, le=10)]
_Correlation = Annotated[float, Field(ge=-0.95, le=0.95)]
_Widening = Annotated[float, Field(ge=0.2, le=5)]
#: Of the form before, which is read as the default.
_OLDER = frozenset({"relative", "floor_percent"})


class Widening(BaseModel):
    """Factor on the spread of a film in 95 % intervals, so that they hold 95 % of new patients' changes.

    It does not enter probabilities. A film of unknown projection gets the larger.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    AP: _Widening = 1.0
    PA: _Widening = 1.0

    def of(self, view: str) -> float:
        """The factor of a film of this projection."""
        return {"AP": self.AP, "PA": self.PA}.get(view, max(self.AP, self.PA))


class FilmError(BaseModel):
    """How the size that one further expert would outline follows from the size p that a model measures.

    On the scale of square roots of percent, where errors of small and of large sizes are nearly of one width:
    the expert's root is `bias` + `slope` sqrt(p) + `told` sqrt(q) + `spread` e, with e standard normal and q
    the size that the film's own report tells; below 0 the expert sees none.

    Attributes:
        bias: At a measured size of 0.
        slope: Below 1 where large measured sizes tend to be too large.
        told: Of the size that the report tells; 0 for a film that is read without its report.
        spread: Standard deviation, the expert's own error included.
        widening: Of `spread` in intervals.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    bias: Annotated[float, Field(ge=-10, le=10)] = 0.0
    slope: Annotated[float, Field(gt=0, le=5)] = 0.8
    told: Annotated[float, Field(ge=0, le=5)] = 0.0
    spread: _Spread = 2.5
    widening: Widening = Widening()


class Correlations(BaseModel):
    """Correlation of the errors of two films of one patient, by what each was read with.

    Attributes:
        images: Both under the sentence that they share.
        words: Both under their own words.
        mixed: One and the other.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    images: _Correlation = 0.0
    words: _Correlation = 0.0
    mixed: _Correlation = 0.0


class ChangeError(BaseModel):
    """The error of a model's sizes on one film, and of their change.

    The defaults hold for a model that has not been measured. They are wider than the error of every model
    that has been, so such a model hardly ever states a direction. Figures of the form that earlier versions
    wrote are read as the defaults.

    Attributes:
        images: Of a film under a sentence that both films share, or under none.
        words: Of a film under its own report, where that tells a size or denies a pneumothorax.
        correlation: Of two films of one patient.
        leading: The route on which verdict and sentence rest where both films have words of their own; the
            other stands beside it.
        leading_mixed: Likewise where only one film has.
        source: Where the figures come from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    images: FilmError = FilmError()
    words: FilmError = FilmError()
    correlation: Correlations = Correlations()
    leading: NetworkRoute = "images"
    leading_mixed: NetworkRoute = "images"
    source: str = NOT_MEASURED

    @model_validator(mode="before")
    @classmethod
    def _of_an_older_form(cls, values: Any) -> Any:
        if isinstance(values, dict) and _OLDER & values.keys():
            return {"source": f"{NOT_MEASURED} (the model's figures are of an older form)"}
        return values

    @model_validator(mode="after")
    def _says_where_it_comes_from(self) -> Self:
        if not self.source:
            raise ValueError("expected a source")
        return self
