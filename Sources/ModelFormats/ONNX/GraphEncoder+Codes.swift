import Foundation
import GraphIR
import TensorCore

extension GraphEncoder {
  /// Nodes that yield a weight with grouped scales or float codes under its name; see `CodeForm`.
  mutating func addCodes(
    _ tensor: QuantizedTensor, name: String, to proto: inout ONNXGraphProto
  ) throws -> [Node] {
    let (channels, length) = (tensor.channelCount, tensor.channelLength)
    let (groups, size) = CodeForm.layout(channels: channels, length: length, groupSize: tensor.groupSize)
    // A layer's outputs are the first axis, or the last of two.
    let isTransposed = tensor.axis == 1 && tensor.shape.rank == 2
    guard tensor.axis == nil || tensor.axis == 0 || isTransposed, tensor.shape.count > 0 else {
      try add(TensorEncoder.proto(tensor.dequantized(), name: name), to: &proto)
      return []
    }
    var rows = [Int8](repeating: 0, count: channels * groups * size)
    for index in tensor.codes.indices {
      let channel = isTransposed ? index % channels : index / length
      let place = isTransposed ? index / channels : index % length
      rows[channel * groups * size + place] = tensor.codes[index]
    }
    let (codesName, scaleName) = (names.fresh(name + "_codes"), names.fresh(name + "_scale"))
    let zeroName = tensor.format == .integer ? names.fresh(name + "_zero_point") : ""
    var builder = CodeNodes(names: names, weight: name)
    let rowShape = Shape(known: [channels * groups, size])
    let scales = Tensor(shape: Shape(known: [channels * groups]), of: Float.self) {
      _ = $0.update(fromContentsOf: tensor.scales)
    }
    try add(TensorEncoder.proto(scales, name: scaleName), to: &proto)
    var stored: ONNXTensorProto
    if tensor.format == .integer {
      let zeroPoints =
        tensor.zeroPoints.isEmpty
        ? [Int8](repeating: 0, count: channels * groups) : tensor.zeroPoints.map { Int8(clamping: $0) }
      let fits = (rows + zeroPoints).allSatisfy { (-8...7).contains($0) }
      func integers(_ values: [Int8], _ shape: Shape, _ name: String) -> ONNXTensorProto {
        opset >= 21 && fits
          ? TensorEncoder.packed(values, shape: shape, name: name)
          : TensorEncoder.proto(
            Tensor(shape: shape, of: Int8.self) { _ = $0.update(fromContentsOf: values) }, name: name)
      }
      stored = integers(rows, rowShape, codesName)
      try add(integers(zeroPoints, scales.shape, zeroName), to: &proto)
      builder.node("DequantizeLinear", [codesName, scaleName, zeroName], ["axis": .int(0)])
    } else {
      // Levels are looked up by the code's bit pattern.
      let lowest = tensor.bits.codeRange.lowerBound
      let mask = tensor.bits.codeRange.count - 1
      stored = TensorEncoder.proto(
        Tensor(shape: rowShape, of: UInt8.self) { bytes in
          for index in rows.indices { bytes[index] = UInt8(Int(rows[index]) & mask) }
        }, name: codesName)
      let levels = tensor.format.levels
      let byPattern = (0...mask).map { pattern in
        let level = levels[(pattern > mask / 2 ? pattern - mask - 1 : pattern) - lowest]
        // Patterns that no code has, infinities and NaN, would only alarm checks of the file.
        return level.isFinite ? level : 0
      }
      let levelsName = names.fresh(name + "_levels")
      let table = Tensor(shape: Shape(known: [mask + 1]), of: Float.self) {
        _ = $0.update(fromContentsOf: byPattern)
      }
      try add(TensorEncoder.proto(table, name: levelsName), to: &proto)
      builder.names = names
      builder.node("Cast", [codesName], ["to": .int(Int(ElementType.number(.int32)))])
      builder.node("Gather", [levelsName, builder.value], ["axis": .int(0)])
      let column = builder.constant([channels * groups, 1], &proto)
      let gathered = builder.value
      builder.node("Reshape", [scaleName, column])
      builder.node("Mul", [gathered, builder.value])
    }
    stored.docString =
      CodeForm(tensor, scales: scaleName, zeroPoints: zeroName, value: name).text
    try add(stored, to: &proto)
    if groups * size > length {
      builder.node("Reshape", [builder.value, builder.constant([channels, groups * size], &proto)])
      let bounds = [[0], [length], [1]].map { builder.constant($0, &proto) }
      builder.node("Slice", [builder.value] + bounds)
    }
    if isTransposed {
      builder.node("Reshape", [builder.value, builder.constant([channels, length], &proto)])
      builder.node("Transpose", [builder.value], ["perm": .ints([1, 0])])
    } else {
      builder.node("Reshape", [builder.value, builder.constant(tensor.shape.dimensions, &proto)])
    }
    names = builder.names
    return builder.finished
  }
}

/// A chain of nodes that ends in a weight's name.
private struct CodeNodes {
  var names: NameTable
  let weight: String
  private(set) var value = ""
  private var nodes: [Node] = []

  init(names: NameTable, weight: String) {
    self.names = names
    self.weight = weight
  }

  mutating func node(_ kind: OperatorKind, _ inputs: [String], _ attributes: [String: Attribute] = [:]) {
    value = names.fresh("\(weight)_\(kind.type.lowercased())")
    nodes.append(
      Node(
        name: names.fresh("\(weight)_make_\(kind.type.lowercased())"), kind: kind, inputs: inputs,
        outputs: [value], attributes: attributes))
  }

  mutating func constant(_ numbers: [Int], _ proto: inout ONNXGraphProto) -> String {
    let name = names.fresh("\(weight)_numbers")
    proto.initializer.append(
      TensorEncoder.proto(
        Tensor(shape: Shape(known: [numbers.count]), of: Int64.self) {
          _ = $0.update(fromContentsOf: numbers.map(Int64.init))
        }, name: name))
    return name
  }

  /// The nodes, the last of which yields the weight.
  var finished: [Node] {
    var nodes = nodes
    if let last = nodes.indices.last { nodes[last].outputs = [weight] }
    return nodes
  }
}
