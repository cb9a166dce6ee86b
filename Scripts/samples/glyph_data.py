"""28x28 glyphs 0-9 and A-Z, rendered from open fonts and distorted by a seeded generator."""

import functools

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

import fonts

CLASSES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIDE, MASTER, CAPITAL = 28, 64, 40  # pixels: sample, rendered master, height of a capital H in the master


def render(path):
    """The masters [36, 64, 64] of one font file: centred, capital height and peak normalized, slightly blurred."""
    height = ImageFont.truetype(str(path), 100, layout_engine=ImageFont.Layout.BASIC).getbbox("H")
    size = round(100 * CAPITAL / (height[3] - height[1]))
    font = ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
    masters = []
    for character in CLASSES:
        left, top, right, bottom = font.getbbox(character)
        image = Image.new("L", (MASTER, MASTER))
        corner = ((MASTER - right - left) / 2, (MASTER - bottom - top) / 2)
        ImageDraw.Draw(image).text(corner, character, fill=255, font=font)
        blurred = np.asarray(image.filter(ImageFilter.GaussianBlur(1.2)), np.float32)
        masters.append((blurred * (255 / blurred.max())).astype(np.uint8))
    return np.stack(masters)


@functools.cache
def masters(held_out):
    """The masters [fonts, 36, 64, 64] of all fonts that are (not) held out."""
    return np.stack([render(path) for path in fonts.files(held_out)])


def source_points(rng, count):
    """Where in the master each pixel of each sample comes from: [count, 28, 28] rows and columns.

    An affine map (rotation, shear, scale, shift) plus an elastic field: displacements drawn on a coarse 5x5
    lattice and interpolated linearly, after P. Simard et al., ICDAR 2003, doi:10.1109/ICDAR.2003.1227801.
    """
    angle, shear = rng.normal(0, np.radians(7), count), rng.normal(0, 0.12, count)
    scale, aspect = rng.uniform(0.82, 1.15, count), np.exp(rng.normal(0, 0.06, count))
    cos, sin = np.cos(angle), np.sin(angle)
    unit = MASTER / SIDE * 0.92
    down, across = unit / (scale * aspect), unit * aspect / scale
    grid = np.arange(SIDE) - (SIDE - 1) / 2
    row = grid[None, :, None] - rng.uniform(-3, 3, count)[:, None, None]
    column = grid[None, None, :] - rng.uniform(-3, 3, count)[:, None, None]
    rows = (cos[:, None, None] * row - sin[:, None, None] * column) * down[:, None, None]
    columns = (sin[:, None, None] * row + cos[:, None, None] * column) * across[:, None, None]
    columns = columns + shear[:, None, None] * rows

    lattice = rng.normal(0, 1, (2, count, 5, 5)) * rng.uniform(0.5, 2.6, (1, count, 1, 1))
    at = np.linspace(0, 4, SIDE)
    hat = np.maximum(0, 1 - np.abs(at[:, None] - np.arange(5)))
    bend = hat @ lattice @ hat.T
    middle = (MASTER - 1) / 2
    return rows + bend[0] + middle, columns + bend[1] + middle


def sample(glyphs, rows, columns):
    """Bilinear reading of `glyphs` [count, 64, 64] at the given points, clamped at the border."""
    rows, columns = (np.clip(v, 0, MASTER - 1.001) for v in (rows, columns))
    top, left = rows.astype(np.int32), columns.astype(np.int32)
    fall, right = (rows - top).astype(np.float32), (columns - left).astype(np.float32)
    flat = glyphs.reshape(-1)
    index = np.arange(len(glyphs), dtype=np.int32)[:, None, None] * (MASTER * MASTER) + top * MASTER + left
    above = flat[index] * (1 - right) + flat[index + 1] * right
    below = flat[index + MASTER] * (1 - right) + flat[index + MASTER + 1] * right
    return above * (1 - fall) + below * fall


def draw(rng, count, held_out):
    """`count` samples with equally frequent classes in random order: uint8 [count, 1, 28, 28] and labels."""
    bank = masters(held_out)
    labels = rng.permutation(np.arange(count) % len(CLASSES))
    glyphs = bank[rng.integers(0, len(bank), count), labels]
    value = sample(glyphs, *source_points(rng, count)) / 255

    def each(low, high):
        return rng.uniform(low, high, (count, 1, 1)).astype(np.float32)

    # Thickness and softness: a threshold through the blurred outline, more or less steep.
    ink = np.clip((value - each(0.3, 0.55)) * each(1.5, 6) + 0.5, 0, 1)
    paper, pen = each(0, 0.25), each(0.55, 1)
    noise = rng.standard_normal(value.shape, dtype=np.float32) * each(0.01, 0.11)
    image = paper + (pen - paper) * ink + noise
    return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)[:, None], labels
