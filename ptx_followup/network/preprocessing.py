"""From a radiograph's grid to the network's square and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

FloatImage = NDArray[np.float32]
Grey = TypeVar("Grey", np.uint8, np.float32)
#: What of a radiograph the network looks at.
View = Literal["film", "hemithorax"]
#: Height or width of a network's input, in pixels.
Length = Annotated[int, Field(multiple_of=32, ge=32, le=4096)]


#: Grey levels that become the ends of the range, unless a model says otherwise.
PERCENTILES = (0.5, 99.5)


class Preprocessing(BaseModel):
    """How pixels become the network's input; stored with every model.

    Attributes:
        view: "film": the whole film in a square. "hemithorax": one hemithorax at a time, see
            `anatomy.hemithorax_view`.
        image_size: Side of the square input, or rows and columns of a view of one hemithorax, in pixels;
            multiples of 32.
        percentiles: Grey levels that become the ends of `output_range`; what lies beyond is clipped. The
            exposure and window of the radiograph cancel to first order.
        output_range: What the network sees; (0, 255) for weights of the paper's authors.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    view: View = "film"
    image_size: Length | tuple[Length, Length]
    percentiles: tuple[float, float] = PERCENTILES
    output_range: tuple[float, float] = (-1.0, 1.0)

    @model_validator(mode="after")
    def _size_of_the_view(self) -> Self:
        if isinstance(self.image_size, int) != (self.view == "film"):
            raise ValueError("image_size is one side for the film, and rows and columns for a hemithorax")
        return self

    @property
    def square_size(self) -> int:
        """Side of the square that a whole film is brought to."""
        return max(self.rows_columns)

    @property
    def rows_columns(self) -> tuple[int, int]:
        """Height and width of the network's input."""
        return (self.image_size, self.image_size) if isinstance(self.image_size, int) else self.image_size


@dataclass(frozen=True)
class Placement:
    """Where a radiograph lies in the square: its size there and its upper left corner, in pixels."""

    rows: int
    columns: int
    top: int
    left: int

    @property
    def window(self) -> tuple[slice, slice]:
        """Index of the image inside the square."""
        return slice(self.top, self.top + self.rows), slice(self.left, self.left + self.columns)


def place(shape: tuple[int, int], size: int) -> Placement:
    """Centre an image of `shape` (rows, columns) in a square of `size`, longest side to longest side."""
    scale = size / max(shape)
    rows, columns = (max(1, round(length * scale)) for length in shape)
    return Placement(rows, columns, (size - rows) // 2, (size - columns) // 2)


def to_square(pixels: FloatImage, size: int) -> tuple[FloatImage, Placement]:
    """Resize to a square with its proportions kept; the rest is 0.

    Args:
        pixels: float32, H x W.
        size: Side of the square.

    Returns:
        float32, size x size, and where the image lies in it.
    """
    placement = place((pixels.shape[0], pixels.shape[1]), size)
    square = np.zeros((size, size), np.float32)
    square[placement.window] = resized(pixels, (placement.rows, placement.columns))
    return square, placement


def resized(image: NDArray[Grey], shape: tuple[int, int]) -> NDArray[Grey]:
    """A grey image (uint8 or float32, H x W) at another size: averaged where it becomes smaller.

    Args:
        image: H x W.
        shape: Rows and columns of the result.
    """
    if image.shape == shape:
        return image
    shrinking = shape[0] < image.shape[0]
    changed = cv2.resize(image, shape[::-1], interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR)
    return np.asarray(changed, image.dtype)


def from_square(square: FloatImage, placement: Placement, shape: tuple[int, int]) -> FloatImage:
    """Undo `to_square` for a map of the network (float32, size x size): float32, H x W = `shape`."""
    window = np.ascontiguousarray(square[placement.window])
    return np.asarray(cv2.resize(window, shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def normalise(
    square: FloatImage, percentiles: tuple[float, float], output_range: tuple[float, float] = (-1.0, 1.0)
) -> FloatImage:
    """Stretch grey levels so that the two percentiles become the ends of `output_range`, and clip.

    A blank image becomes the lower end everywhere.
    """
    low, high = np.percentile(square, percentiles)
    bottom, top = output_range
    scale = (top - bottom) / max(float(high - low), 1e-6)
    stretched: FloatImage = np.clip((square - np.float32(low)) * np.float32(scale) + bottom, bottom, top)
    return stretched.astype(np.float32)
