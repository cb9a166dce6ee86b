"""The open fonts that the glyphs are rendered from, with their Debian packages and licences.

Whole families are held out: none of their files is trained or calibrated on. Close relatives stay on one side
(Carlito is Lato, Hack is DejaVu Sans Mono, Noto Sans is Open Sans). Left out are hairline cuts, ornaments and
initials, unreadable at 28 pixels, and old-style figures, whose 0 and 1 are a small O and I.
"""

import pathlib

FONTS = pathlib.Path("/usr/share/fonts")

# (family, Debian package, licence, held out, glob patterns below /usr/share/fonts)
FAMILIES = [
    ("DejaVu", "fonts-dejavu", "Bitstream Vera licence", False,
     ["truetype/dejavu/DejaVuSans*.ttf", "truetype/dejavu/DejaVuSerif*.ttf"]),
    ("Hack", "fonts-hack", "MIT and Bitstream Vera licence", False, ["truetype/hack/Hack-*.ttf"]),
    ("Liberation", "fonts-liberation", "OFL-1.1", False,
     ["truetype/liberation/LiberationMono-*.ttf", "truetype/liberation/LiberationSans-*.ttf",
      "truetype/liberation/LiberationSerif-*.ttf"]),
    ("Noto", "fonts-noto-core", "OFL-1.1", False,
     ["truetype/noto/NotoSans-*.ttf", "truetype/noto/NotoSerif-*.ttf", "truetype/noto/NotoSansDisplay-*.ttf",
      "truetype/noto/NotoSerifDisplay-*.ttf"]),
    ("Open Sans", "fonts-open-sans", "Apache-2.0", False, ["truetype/open-sans/OpenSans-*.ttf"]),
    ("Lato", "fonts-lato", "OFL-1.1", False, ["truetype/lato/Lato-*.ttf"]),
    ("Carlito", "fonts-crosextra-carlito", "OFL-1.1", False, ["truetype/crosextra/Carlito-*.ttf"]),
    ("Cantarell", "fonts-cantarell", "OFL-1.1", False, ["opentype/cantarell/Cantarell-*.otf"]),
    ("Comfortaa", "fonts-comfortaa", "OFL-1.1", False, ["truetype/comfortaa/Comfortaa-*.ttf"]),
    ("Quicksand", "fonts-quicksand", "OFL-1.1", False, ["truetype/quicksand/Quicksand-*.ttf"]),
    ("Fira Code", "fonts-firacode", "OFL-1.1", False, ["truetype/firacode/FiraCode-*.ttf"]),
    ("JetBrains Mono", "fonts-jetbrains-mono", "Apache-2.0", False,
     ["truetype/jetbrains-mono/JetBrainsMono-*.ttf"]),
    ("Linux Libertine", "fonts-linuxlibertine", "OFL-1.1", False,
     ["opentype/linux-libertine/LinBiolinum_R*.otf", "opentype/linux-libertine/LinLibertine_R*.otf"]),
    ("Junicode", "fonts-junicode", "OFL-1.1", False, ["opentype/junicode/JunicodeTwoBeta-*.otf"]),
    ("Cabin", "fonts-cabin", "OFL-1.1", True, ["opentype/cabin/Cabin-*.otf"]),
    ("Caladea", "fonts-crosextra-caladea", "Apache-2.0 and OFL-1.1", True, ["truetype/crosextra/Caladea-*.ttf"]),
    ("GFS Didot", "fonts-gfs-didot", "OFL-1.1", True, ["opentype/didot/GFSDidot*.otf"]),
    ("Inconsolata", "fonts-inconsolata", "OFL-1.1", True, ["truetype/inconsolata/Inconsolata.otf"]),
    ("Roboto", "fonts-roboto-unhinted", "Apache-2.0", True, ["truetype/roboto/unhinted/*/Roboto-*.ttf"]),
]

SKIPPED = ("Thin", "Hairline", "ExtraLight", "RZ", "Smallcaps")


def files(held_out):
    """All font files of the families that are (not) held out, in a fixed order."""
    found = []
    for family, package, _, held, patterns in FAMILIES:
        if held != held_out:
            continue
        matches = sorted({path for pattern in patterns for path in FONTS.glob(pattern)})
        if not matches:
            raise SystemExit(f"no font files of {family}: apt-get install {package}")
        found += [path for path in matches if not any(word in path.name for word in SKIPPED)]
    return found


def names(held_out):
    """The names of the families that are (not) held out."""
    return [family for family, _, _, held, _ in FAMILIES if held == held_out]


def attribution():
    """One sentence that names every family and its licence."""
    by_licence = {}
    for family, _, licence, _, _ in FAMILIES:
        by_licence.setdefault(licence, []).append(family)
    return "; ".join(f"{', '.join(names)} ({licence})" for licence, names in by_licence.items())


def packages():
    """The Debian packages of all families."""
    return [package for _, package, _, _, _ in FAMILIES]


if __name__ == "__main__":
    print(*packages())
