"""Reads an SPDX 3.0.1 document with the SPDX project's own library and prints what it says of the model, as JSON."""

import json
import sys

from spdx_python_model import v3_0_1 as spdx

objects = spdx.SHACLObjectSet()
with open(sys.argv[1], "rb") as file:
    spdx.JSONLDDeserializer().read(file, objects)
missing = objects.link()
[model] = objects.foreach_type("ai_AIPackage")
files = {
    file.name: file.verifiedUsing[0].hashValue for file in objects.foreach_type("software_File")
}
print(
    json.dumps(
        {
            "missing": sorted(missing),
            "name": model.name,
            "version": model.software_packageVersion,
            "supplier": model.suppliedBy.name,
            "files": files,
        }
    )
)
