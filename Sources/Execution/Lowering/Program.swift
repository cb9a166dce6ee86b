import GraphIR
import Operators
import TensorCore

/// What a plan runs: values, and steps that read and write them in order. Memory is not assigned yet.
struct Program {
  typealias ValueID = Int

  struct Value {
    let name: String
    /// Element type and dimensions as stored.
    let type: TensorType
    let home: Home
  }

  /// Where a value's bytes are.
  enum Home {
    /// In the context's arena.
    case arena
    /// The tensor given for a graph input.
    case input(Int)
    case constant(Tensor)
    /// The same bytes as an earlier value's.
    case alias(ValueID)
  }

  struct Step {
    /// Short text for people, such as "Conv+Relu".
    let title: String
    /// Names of the graph's nodes it covers; empty for a change of layout.
    let nodes: [String]
    let kernel: String
    let layer: String?
    let body: OperatorBody
    let inputs: [ValueID?]
    let outputs: [ValueID?]
    /// An input whose bytes the first output may take over, since each element is read before it is written.
    let overwrites: [Int]
  }

  var values: [Value] = []
  var steps: [Step] = []
  var layers: [PlannedLayer] = []

  /// The value whose bytes `id` shares.
  func root(_ id: ValueID) -> ValueID {
    var id = id
    while case .alias(let next) = values[id].home { id = next }
    return id
  }
}
