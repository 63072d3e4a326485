"""Can it be read? Contrast of every text against what lies behind it, and what does not fit into the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator


# Contrast as in WCAG 2.2, 1.4.3; backgrounds may be see-through and lie on one another.
_FAINT = """(box) => {
    const numbers = (colour) => {
        const found = colour.match(/[\\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
        return found.length === 3 ? [...found, 1] : found;
    };
    const over = (top, below) => [0, 1, 2].map((n) => top[n] * top[3] + below[n] * (1 - top[3]));
    const behind = (node) => {
        const layers = [];
        for (let at = node; at; at = at.parentElement) {
            const layer = numbers(getComputedStyle(at).backgroundColor);
            if (layer[3] > 0) layers.push(layer);
            if (layer[3] === 1) break;
        }
        return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
    };
    const opacity = (node) => {
        let found = 1;
        for (let at = node; at && at !== box; at = at.parentElement) found *= Number(getComputedStyle(at).opacity);
        return found;
    };
    const light = (colour) => {
        const [r, g, b] = colour.map((c) => c / 255).map(
            (c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    // The number of an output is JupyterLab's own, and its red is faint in the dark theme.
    const ignored = 'style, option, [aria-hidden], :disabled, .jp-OutputPrompt';
    const faint = [];
    const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode.parentElement, said = walker.currentNode.textContent.trim();
        if (!said || !node.checkVisibility() || node.closest(ignored)) continue;
        const style = getComputedStyle(node), below = behind(node);
        const ink = numbers(node.ownerSVGElement ? style.fill : style.color);
        const seen = over([...ink.slice(0, 3), ink[3] * opacity(node)], below);
        const [high, low] = [light(seen), light(below)].sort((a, b) => b - a);
        const contrast = (high + 0.05) / (low + 0.05);
        if (contrast < 4.5) faint.push(`${said.slice(0, 30)}: ${contrast.toFixed(1)}`);
    }
    return faint;
}"""
_OVERFLOWING = """(box) => {
    const edge = Math.min(box.closest('.jp-OutputArea-output, .output')?.getBoundingClientRect().right ?? Infinity,
        document.documentElement.clientWidth) + 1;
    return Array.from(box.querySelectorAll('*')).filter((one) => one.checkVisibility() && !one.closest('.noUi-base')
        && one.getBoundingClientRect().right > edge).map((one) => `${one.tagName} ${one.className}`).slice(0, 5);
}"""

_CUT = """(box) => Array.from(box.querySelectorAll(
    '.widget-label, .widget-button, .widget-readout')).filter((one) => {
    const words = document.createRange();
    words.selectNodeContents(one);
    return one.checkVisibility() && words.getBoundingClientRect().width > one.clientWidth + 1;
}).map((one) => `${one.textContent} is cut`)"""


def faint_texts(box: Locator) -> list[str]:
    """Return the texts whose contrast is below 4.5, each with its contrast."""
    return list(box.evaluate(_FAINT))


def overflowing(box: Locator) -> list[str]:
    """Return elements that reach beyond the right edge of their output or window."""
    return list(box.evaluate(_OVERFLOWING))


def cut_labels(box: Locator) -> list[str]:
    """Return the labels, buttons and readouts of controls that have no room for all their letters."""
    return list(box.evaluate(_CUT))
