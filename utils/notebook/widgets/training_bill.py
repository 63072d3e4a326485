"""What does a training cost? From parameters and tokens to operations, days, dollars and electricity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from utils.notebook.widgets.pictures import Curve, Scale, curves_svg
from utils.notebook.widgets.view import explorer, said_html
from utils.training.cost import (
    flops_per_second_days,
    training_cost,
    training_days,
    training_energy,
    training_flops,
)


@dataclass(frozen=True)
class Bill:
    """A training in every unit.

    Attributes:
        flops: 6 N D.
        flops_days: in days of a device that makes one FLOP per second.
        petaflops_days: in days of one that makes 1e15.
        days, dollars, kilowatt_hours: on the devices named.
    """

    flops: float
    flops_days: float
    petaflops_days: float
    days: float
    dollars: float
    kilowatt_hours: float


def training_bill(
    n_params: float,
    n_tokens: float,
    n_devices: float = 256,
    flops_per_second: float = 6e13,
    utilization: float = 0.7,
    dollars_per_device_hour: float = 2.0,
    watts_per_device: float = 700.0,
    overhead: float = 1.2,
) -> Bill:
    """Return what a training costs.

    Args:
        n_params, n_tokens: N and D.
        n_devices: that work side by side.
        flops_per_second: peak of one.
        utilization: share of the peak that is reached, in (0, 1].
        dollars_per_device_hour: price.
        watts_per_device: what one draws.
        overhead: all power of the data centre over that of its devices, at least 1.

    Raises:
        ValueError: a number is out of its range; the message names it.
    """
    flops = training_flops(n_params, n_tokens)
    days = training_days(flops, n_devices, flops_per_second, utilization)
    return Bill(
        flops=flops,
        flops_days=flops_per_second_days(flops),
        petaflops_days=flops_per_second_days(flops, 1e15),
        days=days,
        dollars=training_cost(days, n_devices, dollars_per_device_hour),
        kilowatt_hours=training_energy(days, n_devices, watts_per_device, overhead),
    )


def bill_text(bill: Bill) -> str:
    """Return the bill as a text table."""
    return "\n".join(
        [
            f"operations   {bill.flops:.3e} FLOP",
            f"             {bill.flops_days:.3e} FLOP/s-days (86,400 FLOP each)",
            f"             {bill.petaflops_days:,.1f} petaFLOP/s-days",
            f"time         {bill.days:,.1f} days",
            f"price        ${bill.dollars:,.0f}",
            f"electricity  {bill.kilowatt_hours:,.0f} kWh",
        ]
    )


def devices_html(bill: Bill, n_devices: float, watts_per_device: float) -> str:
    """Return days against the number of devices, with a dot at the bill's own; the price stays the same."""
    numbers = [10.0**power for power in range(8)]
    work = bill.days * n_devices
    shortest, longest = (max(work / number, 1e-9) for number in (numbers[-1], numbers[0]))
    return curves_svg(
        [Curve("days", numbers, [work / n for n in numbers], dot=(n_devices, bill.days))],
        Scale(f"devices of {watts_per_device:g} W", 1, 1e7, log=True),
        Scale("days", shortest, longest, log=True),
        f"Days of training against the number of devices, a falling line: {bill.days:,.1f} days on {n_devices:,.0f}.",
    )


def bill_explorer(n_params: float = 175e9, n_tokens: float = 300e9) -> Any:
    """Return the view: boxes for every number over a picture of time against devices and `bill_text`."""
    import ipywidgets as widgets

    wide = {"description_width": "12em"}
    labels = {
        "n_params": ("parameters N", n_params),
        "n_tokens": ("tokens D", n_tokens),
        "n_devices": ("devices", 256.0),
        "flops_per_second": ("FLOP/s of one", 6e13),
        "utilization": ("utilisation", 0.7),
        "dollars_per_device_hour": ("$ per device-hour", 2.0),
        "watts_per_device": ("watts of one", 700.0),
        "overhead": ("power overhead", 1.2),
    }
    boxes = {
        name: widgets.FloatText(value=value, description=label, style=wide, layout={"width": "26em"})
        for name, (label, value) in labels.items()
    }

    def draw() -> tuple[str, str]:
        values = {name: box.value for name, box in boxes.items()}
        bill = training_bill(**values)
        words = bill_text(bill)
        picture = devices_html(bill, values["n_devices"], values["watts_per_device"]) if bill.days else ""
        return said_html(words) + picture, words

    return explorer(list(boxes.values()), draw)
