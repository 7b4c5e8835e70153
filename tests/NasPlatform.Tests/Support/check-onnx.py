"""Checks an ONNX file with the onnx package's own checker, shapes included, and prints what is in it as JSON.

Argument: the path of the file.
"""

import json
import sys

import onnx

model = onnx.load(sys.argv[1])
onnx.checker.check_model(model, full_check=True)
stated = {value.name: value for value in model.graph.value_info}
del model.graph.value_info[:]
inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True).graph.value_info


def shape(value):
    return [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]


print(json.dumps({
    "irVersion": model.ir_version,
    "operatorSets": {entry.domain: entry.version for entry in model.opset_import},
    "nodes": [{"name": node.name, "operation": node.op_type} for node in model.graph.node],
    "inputs": {value.name: shape(value) for value in model.graph.input},
    "outputs": {value.name: shape(value) for value in model.graph.output},
    "metadata": {entry.key: entry.value for entry in model.metadata_props},
    "contradicted": [
        value.name for value in inferred
        if value.name in stated and None not in shape(value) and shape(value)[1:] != shape(stated[value.name])[1:]
    ],
    "stated": len(stated),
}))
