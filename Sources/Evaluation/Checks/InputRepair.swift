import GraphIR
import TensorCore

/// Another preparation of inputs that were fed as they are: y = (x * scale - mean) / std, mean and std per channel.
struct InputRepair: Sendable, Hashable {
  var scale: Float = 1
  /// One for all channels, or one for each.
  var mean: [Float] = []
  var std: [Float] = []

  /// As the command line takes it.
  var flags: String {
    func list(_ values: [Float]) -> String { values.map { "\($0)" }.joined(separator: ",") }
    return [
      scale == 1 ? nil : "--scale \(scale)", mean.isEmpty ? nil : "--mean \(list(mean))",
      std.isEmpty ? nil : "--std \(list(std))",
    ].compactMap { $0 }.joined(separator: " ")
  }

  private static let byte: Float = 0.003_921_569
  /// Of ImageNet's pictures, as PyTorch's models of them are trained.
  private static let imageNet: (mean: [Float], std: [Float]) = (
    [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
  )

  /// Preparations that are in use, as far as values between `low` and `high` may lack them.
  static func usual(low: Float, high: Float, mean: Float, deviation: Float, channels: Int) -> [InputRepair] {
    var repairs: [InputRepair] = []
    let scales: [Float] = low < 0 ? [] : high > 2 ? [byte] : [1]
    for scale in scales {
      if scale != 1 { repairs.append(InputRepair(scale: scale)) }
      repairs.append(InputRepair(scale: scale, mean: [0.5], std: [0.5]))
      if channels == 3 {
        repairs.append(InputRepair(scale: scale, mean: imageNet.mean, std: imageNet.std))
      }
    }
    if low >= 0, high <= 1 { repairs.append(InputRepair(scale: 255)) }
    if deviation > 0 { repairs.append(InputRepair(mean: [rounded(mean)], std: [rounded(deviation)])) }
    return repairs
  }

  /// To four digits, so that it can be typed.
  private static func rounded(_ value: Float) -> Float {
    guard value != 0, value.isFinite else { return value }
    var factor: Float = 1
    while abs(value) * factor < 1000 { factor *= 10 }
    return (value * factor).rounded() / factor
  }

  /// - Returns: the tensor itself where it is of another type than float32, or has no channels.
  func applied(to tensor: Tensor) -> Tensor {
    guard tensor.dataType == .float32, tensor.shape.rank > 1, tensor.count > 0 else { return tensor }
    let channels = tensor.shape[1]
    let inner = tensor.shape.dimensions[2...].reduce(1, *)
    let values = tensor.floats
    return Tensor(shape: tensor.shape, of: Float.self) { target in
      for index in target.indices {
        let channel = index / inner % channels
        let mean = mean.isEmpty ? 0 : mean[channel % mean.count]
        let std = std.isEmpty ? 1 : std[channel % std.count]
        target[index] = (values[index] * scale - mean) / std
      }
    }
  }
}
