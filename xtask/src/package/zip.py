"""Writes a zip archive that is the same for the same bytes: zip.py OUT (MODE NAME SOURCE)..."""

import os
import sys
import zipfile

out, *rest = sys.argv[1:]
fresh = out + ".new"
with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    for mode, name, source in sorted(zip(*[iter(rest)] * 3), key=lambda entry: entry[1]):
        entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        entry.create_system = 3  # Unix, or the mode means nothing.
        entry.external_attr = (0o100000 | int(mode, 8)) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        with open(source, "rb") as file:
            archive.writestr(entry, file.read(), compresslevel=9)
os.replace(fresh, out)
