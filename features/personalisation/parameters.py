"""The file that a fitted model of customers' value is kept as: JSON, nothing that runs. No Django."""

from dataclasses import asdict, dataclass

import orjson

from features.personalisation.maths.bg_nbd import BgNbd
from features.personalisation.maths.gamma_gamma import GammaGamma
from features.personalisation.maths.histories import Floats, Histories
from features.personalisation.maths.lifetime_value import HORIZON_WEEKS, YEARLY_DISCOUNT, lifetime_value
from registry.exceptions import BadInputError

NAME = "customer-value"
PATH = "model/parameters.json"
FORMAT = "bg-nbd+gamma-gamma/1"


@dataclass(frozen=True, slots=True)
class ValueModel:
    """Both models, how far they look ahead and at what yearly discount."""

    buying: BgNbd
    spending: GammaGamma
    horizon_weeks: int = HORIZON_WEEKS
    yearly_discount: float = YEARLY_DISCOUNT

    def lifetime_value(self, known: Histories) -> Floats:
        """US dollars of revenue within the horizon, discounted."""
        return lifetime_value(
            self.buying,
            self.spending,
            known,
            weeks=self.horizon_weeks,
            yearly_discount=self.yearly_discount,
        )


def to_json(model: ValueModel) -> bytes:
    """As it is kept."""
    return orjson.dumps({"format": FORMAT, "time_unit": "week", **asdict(model)}, option=orjson.OPT_INDENT_2)


def from_json(content: bytes) -> ValueModel:
    """As it was kept.

    Raises:
        BadInputError: the file is of another format, or lacks something.
    """
    try:
        told = orjson.loads(content)
        if told["format"] != FORMAT:
            raise BadInputError(f"Parameters of the format {told['format']!r} can't be read; {FORMAT} can.")
        return ValueModel(
            BgNbd(**{name: float(value) for name, value in told["buying"].items()}),
            GammaGamma(**{name: float(value) for name, value in told["spending"].items()}),
            int(told["horizon_weeks"]),
            float(told["yearly_discount"]),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInputError(f"These are no parameters of customers' value: {error!r:.200}.") from error
