import GraphIR
import TensorCore

/// How a file says which initializers and nodes make up a quantized weight whose scales belong to groups or whose
/// codes are floats: a note on the initializer of the codes, in lines of `key=value`.
///
/// In rows, codes stand as one group each, [channels * groups, group], the last group of a channel filled up with zeros:
/// a plain per-axis DequantizeLinear, or levels looked up by Gather and multiplied by the scales, yields the values on
/// every runtime from operator set 13 on; Reshape, Slice and Transpose then bring them into the weight's shape. In
/// blocks, from 21 on, codes stand as they are, and one DequantizeLinear with `block_size` yields a matrix of values.
struct CodeForm: Equatable {
  static let mark = "paretop.codes"

  /// `lookup` is that of a table: see `TableLookup`.
  enum Layout: String { case rows, blocks, lookup }

  var bits: WeightBits
  var format: CodeFormat
  var axis: Int?
  var groupSize: Int?
  var shape: [Int]
  var layout: Layout
  var scaleStorage: ScaleStorage
  var scales: String
  /// Empty where there are none.
  var zeroPoints: String
  /// The weight's name.
  var value: String

  init(_ tensor: QuantizedTensor, layout: Layout, scales: String, zeroPoints: String, value: String) {
    self.layout = layout
    bits = tensor.bits
    format = tensor.format
    axis = tensor.axis
    groupSize = tensor.groupSize
    shape = tensor.shape.dimensions
    scaleStorage = tensor.scaleStorage
    self.scales = scales
    self.zeroPoints = zeroPoints
    self.value = value
  }

  var text: String {
    [
      CodeForm.mark, "bits=\(bits.rawValue)", "format=\(format.rawValue)",
      "axis=\(axis.map(String.init) ?? "")", "group=\(groupSize.map(String.init) ?? "")",
      "shape=\(shape.map(String.init).joined(separator: "x"))", "storage=\(scaleStorage.rawValue)",
      "layout=\(layout.rawValue)",
      "scales=\(scales)", "zeros=\(zeroPoints)", "value=\(value)",
    ].joined(separator: "\n")
  }

  /// Nil where the text is no such note, or one that says nothing possible.
  init?(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.first == CodeForm.mark else { return nil }
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let sides = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard sides.count == 2 else { return nil }
      fields[sides[0]] = sides[1]
    }
    guard let bits = WeightBits(rawValue: fields["bits"] ?? ""),
      let format = CodeFormat(rawValue: fields["format"] ?? ""),
      let storage = ScaleStorage(rawValue: fields["storage"] ?? ""),
      let scales = fields["scales"], let zeroPoints = fields["zeros"], let value = fields["value"],
      let axis = fields["axis"], let group = fields["group"],
      // Files of former versions have rows alone, and do not say so.
      let layout = Layout(rawValue: fields["layout"] ?? Layout.rows.rawValue)
    else { return nil }
    let shape = (fields["shape"] ?? "").split(separator: "x").map { Int($0) ?? -1 }
    guard (try? Shape(shape)) != nil, axis.isEmpty || Int(axis) != nil,
      group.isEmpty || Int(group).map({ (1...Int(Int32.max)).contains($0) }) == true
    else { return nil }
    (self.bits, self.format, self.scaleStorage, self.shape) = (bits, format, storage, shape)
    (self.axis, groupSize, self.layout) = (Int(axis), Int(group), layout)
    (self.scales, self.zeroPoints, self.value) = (scales, zeroPoints, value)
  }

  /// Rows, and elements of a row as stored, of a weight with so many channels and elements per channel.
  static func layout(channels: Int, length: Int, groupSize: Int?) -> (groups: Int, size: Int) {
    guard let groupSize else { return (1, length) }
    return (max(1, (length + groupSize - 1) / groupSize), groupSize)
  }
}
