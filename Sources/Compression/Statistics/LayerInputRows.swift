import GraphIR
import TensorCore

/// How a layer's input tensor becomes rows, as `LayerInputStatistics` describes them.
package struct LayerInputRows: Hashable, Sendable {
  /// The value that is read.
  package let input: String
  package let groups: Int
  /// Values that one output weighs.
  package let inputs: Int
  private let form: Form

  private enum Form: Hashable, Sendable {
    /// Rows along the last axis, or along the first of two.
    case matrix(isTransposed: Bool)
    case windows([Axis])
  }

  /// One spatial axis of a window.
  private struct Axis: Hashable, Sendable {
    let kernel: Int
    let stride: Int
    let dilation: Int
    /// Nil where the output's size is the input's divided by the stride, as auto_pad says.
    let pads: (begin: Int, end: Int)?
    /// Whether the odd place of automatic padding is at the end.
    let isUpper: Bool

    static func == (left: Axis, right: Axis) -> Bool {
      left.kernel == right.kernel && left.stride == right.stride && left.dilation == right.dilation
        && left.pads?.begin == right.pads?.begin && left.pads?.end == right.pads?.end
        && left.isUpper == right.isUpper
    }

    func hash(into hasher: inout Hasher) {
      for number in [kernel, stride, dilation, pads?.begin ?? -1, pads?.end ?? -1] { hasher.combine(number) }
    }

    /// Output positions along the axis, and the padding in front of the first.
    func placement(over size: Int) -> (positions: Int, begin: Int) {
      let extent = (kernel - 1) * dilation + 1
      guard let pads else {
        let positions = (size + stride - 1) / stride
        let total = max(0, (positions - 1) * stride + extent - size)
        return (positions, isUpper ? total / 2 : total - total / 2)
      }
      let room = size + pads.begin + pads.end - extent
      return (room < 0 ? 0 : room / stride + 1, pads.begin)
    }
  }

  package init(_ layer: Layer, node: Node) {
    input = layer.input
    groups = layer.groups
    inputs = layer.inputs
    switch layer.form {
    case .matMul, .gather: form = .matrix(isTransposed: false)
    case .gemm: form = .matrix(isTransposed: (node.int("transA") ?? 0) != 0)
    case .conv:
      let window = Array(layer.shape.dimensions.dropFirst(2))
      let automatic = node.string("auto_pad") ?? "NOTSET"
      func number(_ name: String, _ index: Int, _ missing: Int) -> Int {
        let values = node.ints(name) ?? []
        return values.indices.contains(index) ? values[index] : missing
      }
      form = .windows(
        window.indices.map { axis in
          let explicit = (
            begin: number("pads", axis, 0), end: number("pads", axis + window.count, 0)
          )
          return Axis(
            kernel: window[axis], stride: max(1, number("strides", axis, 1)),
            dilation: max(1, number("dilations", axis, 1)),
            pads: automatic.hasPrefix("SAME") ? nil : automatic == "VALID" ? (0, 0) : explicit,
            isUpper: automatic == "SAME_UPPER")
        })
    }
  }

  /// Appends the rows of a batch to `rows`, at most `limit` of each sample, where samples run along the first axis.
  /// Which positions are taken moves on with `sample`, the number of the batch's first.
  /// - Returns: how many rows there are; 0 where the shape is not one that the layer reads.
  func append(
    _ values: UnsafeBufferPointer<Float>, shape: Shape, sample: Int, limit: Int, to rows: inout [Float]
  ) -> Int {
    switch form {
    case .matrix(let isTransposed):
      guard inputs > 0, values.count % inputs == 0 else { return 0 }
      let count = values.count / inputs
      if isTransposed {
        rows += Transposition.transposed(values, rows: inputs, columns: count)
        return count
      }
      let samples = shape.rank > 1 ? max(1, shape[0]) : 1
      var taken = 0
      for index in 0..<samples {
        let positions = count / samples
        for position in Self.chosen(positions, limit: limit, sample: sample + index) {
          let start = (index * positions + position) * inputs
          rows += values[start..<start + inputs]
          taken += 1
        }
      }
      return taken
    case .windows(let axes):
      guard shape.rank == axes.count + 2, shape[1] * axes.reduce(1, { $0 * $1.kernel }) == groups * inputs
      else { return 0 }
      let image = values.count / max(1, shape[0])
      var taken = 0
      let start = [Axis](
        repeating: Axis(kernel: 1, stride: 1, dilation: 1, pads: (0, 0), isUpper: true), count: 3 - axes.count
      )
      let volume = start + axes
      let sizes = start.map { _ in 1 } + shape.dimensions.dropFirst(2)
      for index in 0..<shape[0] {
        taken += Self.appendWindows(
          UnsafeBufferPointer(rebasing: values[index * image..<(index + 1) * image]), channels: shape[1],
          sizes: sizes, axes: volume, limit: limit, sample: sample + index, to: &rows)
      }
      return taken
    }
  }

  private static func appendWindows(
    _ image: UnsafeBufferPointer<Float>, channels: Int, sizes: [Int], axes: [Axis], limit: Int, sample: Int,
    to rows: inout [Float]
  ) -> Int {
    let places = zip(axes, sizes).map { $0.placement(over: $1) }
    let area = sizes.reduce(1, *)
    let counts = places.map(\.positions)
    let chosen = chosen(counts.reduce(1, *), limit: limit, sample: sample)
    for position in chosen {
      let origin = [
        position / (counts[1] * counts[2]) * axes[0].stride - places[0].begin,
        position / counts[2] % counts[1] * axes[1].stride - places[1].begin,
        position % counts[2] * axes[2].stride - places[2].begin,
      ]
      for channel in 0..<channels {
        for z in 0..<axes[0].kernel {
          let depth = origin[0] + z * axes[0].dilation
          for y in 0..<axes[1].kernel {
            let line = origin[1] + y * axes[1].dilation
            let isInside = depth >= 0 && depth < sizes[0] && line >= 0 && line < sizes[1]
            let first = channel * area + (depth * sizes[1] + line) * sizes[2]
            for x in 0..<axes[2].kernel {
              let column = origin[2] + x * axes[2].dilation
              rows.append(isInside && column >= 0 && column < sizes[2] ? image[first + column] : 0)
            }
          }
        }
      }
    }
    return chosen.count
  }

  /// Evenly spread positions, whose first one moves on with the sample.
  private static func chosen(_ count: Int, limit: Int, sample: Int) -> [Int] {
    guard count > limit else { return Array(0..<count) }
    let step = (count + limit - 1) / limit
    return Array(stride(from: sample % step, to: count, by: step))
  }
}
