import GraphIR
import TensorCore

/// How a layer's columns belong to the channels of what it reads.
struct InputChannels: Hashable {
  /// Channels of the value that the layer reads.
  let count: Int
  /// Rows of the weight that read the same channels.
  private let rowsPerGroup: Int
  private let channelsPerGroup: Int
  /// Columns of one channel.
  private let width: Int

  /// - Parameter flattened: places of each channel that lie side by side in a matrix's row; 1 where there is no
  ///   Flatten in between.
  init(_ layer: Layer, flattened: Int = 1) {
    let window = layer.form == .conv ? layer.shape.dimensions.dropFirst(2).reduce(1, *) : flattened
    width = max(1, window)
    channelsPerGroup = layer.inputs / width
    rowsPerGroup = max(1, layer.outputs / layer.groups)
    count = channelsPerGroup * layer.groups
  }

  /// The channel that a column of a row weighs.
  func channel(row: Int, column: Int) -> Int { row / rowsPerGroup * channelsPerGroup + column / width }

  /// The largest magnitude that each channel is weighed with.
  func largest(_ matrix: WeightMatrix) -> [Float] {
    var result = [Float](repeating: 0, count: count)
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns {
        let channel = channel(row: row, column: column)
        result[channel] = max(result[channel], matrix.values[row * matrix.columns + column].magnitude)
      }
    }
    return result
  }

  /// Values per column of statistics, [groups, inputs], put together per channel.
  func combined<Value>(_ columns: [Value], _ first: Value, _ combine: (Value, Value) -> Value) -> [Value] {
    var result = [Value](repeating: first, count: count)
    for (index, value) in columns.enumerated() where index / width < count {
      result[index / width] = combine(result[index / width], value)
    }
    return result
  }

  /// Multiplies every column by its channel's factor.
  func scale(_ matrix: inout WeightMatrix, by factors: [Float]) {
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns {
        matrix.values[row * matrix.columns + column] *= factors[channel(row: row, column: column)]
      }
    }
  }
}

extension WeightMatrix {
  /// Multiplies every row by its factor.
  mutating func scaleRows(by factors: [Float]) {
    for row in 0..<rows {
      for index in row * columns..<(row + 1) * columns { values[index] *= factors[row] }
    }
  }

  /// The largest magnitude of each row.
  var largestOfRows: [Float] {
    (0..<rows).map { row in
      values[row * columns..<(row + 1) * columns].reduce(0) { max($0, $1.magnitude) }
    }
  }
}

/// A digest that tells factors apart, so that what follows from them can be kept.
func digest(_ factors: [Float]) -> UInt64 {
  factors.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1.bitPattern)) &* 0x100_0000_01b3 }
}
