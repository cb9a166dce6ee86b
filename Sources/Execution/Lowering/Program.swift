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
    /// What is shown of it; a region shows every step inside.
    var shown: [PlanStep]
    let body: OperatorBody
    let inputs: [ValueID?]
    let outputs: [ValueID?]
    /// An input whose bytes the first output may take over, since each element is read before it is written.
    let overwrites: [Int]
    /// Bytes of weights that its body holds.
    let weightBytes: Int
    /// Ways to cut it; none where it must run whole.
    let slicings: [Slicing]
    /// About how long it takes on one thread.
    let nanoseconds: Double
    /// Fewest samples that are worth running on their own; nil where a step does not treat samples alone.
    let fewestSamples: Int?
    /// The steps inside, where it is a region.
    let region: TiledRegion?

    /// - Parameter nodes: names of the graph's nodes it covers; empty for a change of layout.
    init(
      title: String, nodes: [String], kernel: StepKernel, layer: String? = nil,
      body: OperatorBody, weightBytes: Int = 0, inputs: [ValueID?], outputs: [ValueID?],
      overwrites: [Int] = [], slicings: [Slicing] = [], nanoseconds: Double = 0, fewestSamples: Int? = nil
    ) {
      shown = [PlanStep(name: title, nodes: nodes, kernel: kernel, layer: layer)]
      self.body = body
      self.inputs = inputs
      self.outputs = outputs
      self.overwrites = overwrites
      self.weightBytes = weightBytes
      self.slicings = slicings
      self.nanoseconds = nanoseconds
      self.fewestSamples = fewestSamples
      region = nil
    }

    /// Steps that run together, a few samples at a time.
    init(
      _ region: TiledRegion, showing shown: [PlanStep], inputs: [ValueID?], outputs: [ValueID?],
      nanoseconds: Double
    ) {
      self.shown = shown
      body = region.body(0..<region.tiles)
      self.inputs = inputs
      self.outputs = outputs
      overwrites = []
      weightBytes = 0
      slicings = [
        Slicing(
          count: region.tiles, inputStrides: Array(repeating: 0, count: inputs.count),
          outputStrides: Array(repeating: 0, count: outputs.count)
        ) { region.body($0) }
      ]
      self.nanoseconds = nanoseconds
      fewestSamples = nil
      self.region = region
    }
  }

  var values: [Value] = []
  var steps: [Step] = []
  var layers: [PlannedLayer] = []

  /// Notes for every step how many bytes it moves. Of a table that is looked up in as many count as are written.
  mutating func noteTraffic(_ registry: OperatorRegistry) {
    func bytes(_ ids: [ValueID?], isConstant: Bool? = nil) -> Int {
      Set(ids.compactMap { $0 }).reduce(0) { sum, id in
        let found = if case .constant = values[root(id)].home { true } else { false }
        return isConstant == nil || isConstant == found ? sum + values[id].type.byteCount : sum
      }
    }
    for index in steps.indices where steps[index].region == nil {
      let step = steps[index]
      let written = bytes(step.outputs)
      var traffic = StepTraffic(
        weightsRead: step.weightBytes + bytes(step.inputs, isConstant: true),
        dataRead: bytes(step.inputs, isConstant: false), dataWritten: written)
      // A step that holds its table has counted its rows.
      if case .operation(let kind) = step.shown[0].kernel, step.weightBytes == 0,
        registry.promises(of: kind).contains(.looksUp)
      {
        let table = bytes(Array(step.inputs.prefix(1)))
        let unread = max(0, table - written)
        let isConstant = bytes(Array(step.inputs.prefix(1)), isConstant: true) > 0
        if isConstant { traffic.weightsRead -= unread } else { traffic.dataRead -= unread }
      }
      steps[index].shown[0].traffic = traffic
    }
  }

  /// The value whose bytes `id` shares.
  func root(_ id: ValueID) -> ValueID {
    var id = id
    while case .alias(let next) = values[id].home { id = next }
    return id
  }
}
