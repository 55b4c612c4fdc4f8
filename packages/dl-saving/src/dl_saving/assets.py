"""What objects keep that is no variable, such as vocabularies: files in an archive's ``assets`` folder."""

from __future__ import annotations

import os
import tempfile
import zipfile
from typing import Final

from dl_ops.saveable import Saveable, walk
from dl_saving.archive import Archive

FOLDER: Final = "assets"


def save_assets(root: Saveable, archive: zipfile.ZipFile) -> None:
    """Add the assets of `root` and all below it, each object's in a folder named like its group of weights.

    Parameters
    ----------
    root : Saveable
    archive : zipfile.ZipFile
        Open for writing.
    """
    for path, saveable in walk(root):
        if type(saveable).save_assets is Saveable.save_assets:
            continue
        with tempfile.TemporaryDirectory() as folder:
            saveable.save_assets(folder)
            for parent, _, names in sorted(os.walk(folder)):
                for name in sorted(names):
                    file = os.path.join(parent, name)
                    inside = os.path.relpath(file, folder).split(os.sep)
                    archive.write(file, "/".join([FOLDER, *([path] if path else []), *inside]))


def load_assets(root: Saveable, archive: Archive) -> None:
    """Hand the assets of `root` and all below it to them; an object for which the archive has none is left out.

    Parameters
    ----------
    root : Saveable
    archive : Archive
    """
    owners = [item for item in walk(root) if type(item[1]).load_assets is not Saveable.load_assets]
    if not owners:
        return
    with tempfile.TemporaryDirectory() as folder:
        archive.unpack_folder(FOLDER, folder)
        for path, saveable in owners:
            own = os.path.join(folder, *path.split("/")) if path else folder
            if os.path.isdir(own):
                saveable.load_assets(own)
