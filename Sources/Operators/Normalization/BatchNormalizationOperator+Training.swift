import GraphIR
import Kernels
import TensorCore

/// BatchNormalization with `training_mode`: the batch's own mean and variance normalize it, and move the running ones.
struct BatchTraining: RealVisitor {
  let shape: Shape
  let epsilon: Double
  let momentum: Double
  let wanted: Int

  func visit<Element: RealElement>(_ type: Element.Type) -> OperatorBody {
    let lines = AxisLines(shape: shape.rank > 1 ? shape : [shape.count, 1], axis: 1)
    let count = Double(lines.outer * lines.inner)
    return OperatorBody { [epsilon, momentum, wanted] arguments in
      let input = arguments.input(0, as: Element.self)
      for channel in 0..<lines.count {
        func forEach(_ body: (Int) -> Void) {
          for block in 0..<lines.outer {
            for inner in 0..<lines.inner { body((block * lines.count + channel) * lines.inner + inner) }
          }
        }
        var (sum, squares) = (0.0, 0.0)
        forEach { sum += Double(input[$0]) }
        let mean = sum / count
        forEach { squares += (Double(input[$0]) - mean) * (Double(input[$0]) - mean) }
        let variance = squares / count
        func parameter(_ index: Int) -> Double { Double(arguments.input(index, as: Element.self)[channel]) }
        let factor = parameter(1) / (variance + epsilon).squareRoot()
        if let output = arguments.output(0, as: Element.self) {
          forEach { output[$0] = Element((Double(input[$0]) - mean) * factor + parameter(2)) }
        }
        for (index, value) in [(1, mean), (2, variance)] where index < wanted {
          arguments.output(index, as: Element.self)?[channel] = Element(
            parameter(index + 2) * momentum + value * (1 - momentum))
        }
      }
    }
  }
}
