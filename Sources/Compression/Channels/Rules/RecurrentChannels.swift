import GraphIR
import TensorCore

extension ChannelRule {
  static let lstm = ChannelRule("LSTM", RecurrentChannels.units(gates: 4, states: [5, 6]))
  static let gru = ChannelRule("GRU", RecurrentChannels.units(gates: 3, states: [5]))
  static let rnn = ChannelRule("RNN", RecurrentChannels.units(gates: 1, states: [5]))
}

/// Hidden units of LSTM, GRU and RNN: a unit's rows in all gates of W and R, what the units read of it in R, its biases
/// and peepholes, its initial states, and its place in Y, Y_h and Y_c go together, of both directions at once.
///
/// W and R are matrices [directions * gates * hidden, inputs] behind a constant view, as `MatrixViews` leaves them.
private enum RecurrentChannels {
  /// - Parameters:
  ///   - gates: how many.
  ///   - states: the inputs that are states to start from.
  static func units(gates: Int, states: [Int]) -> ChannelRule.Pass {
    { node, analyzer in
      guard let w = Matrix(node, input: 1, "W", analyzer), let r = Matrix(node, input: 2, "R", analyzer),
        let x = node.input(0), w.target[0] == r.target[0], r.target[1] == gates * r.target[2],
        w.target[1] == r.target[1]
      else { return analyzer.stop(node) }
      let (directions, hidden) = (r.target[0], r.target[2])
      let units = analyzer.result.makeSpace(count: hidden, producers: [w.layer, r.layer])
      for matrix in [w, r] {
        analyzer.result.outputsOfLayer[matrix.layer] = units.repeated(directions * gates)
        analyzer.slice(matrix.constant, of: matrix.view, axis: 0, units.repeated(directions * gates))
        analyzer.result.shapeEntries.append(matrix.entry(1, units.repeated(gates)))
      }
      analyzer.slice(r.constant, of: r.view, axis: 1, units)
      analyzer.result.shapeEntries.append(r.entry(2, units))
      read(x, w, &analyzer)
      for (index, count) in [(3, 2 * gates), (7, 3)] {
        guard let name = node.input(index) else { continue }
        guard analyzer.graph.initializers[name] != nil else {
          analyzer.result.freeze(units, "has biases or peepholes that are computed")
          continue
        }
        analyzer.slice(name, of: node, axis: 1, units.repeated(count))
      }
      for index in states { start(node, index, units, &analyzer) }
      analyzer.result.counters[node.name] = ChannelAnalysis.Counter(
        attributes: ["hidden_size"], channels: units)
      for (index, output) in node.outputs.enumerated() where !output.isEmpty {
        analyzer.set(ChannelAnalysis.Axis(axis: index == 0 ? 3 : 2, channels: units), of: output)
      }
    }
  }

  /// What the node reads, along its last axis.
  private static func read(_ x: String, _ w: Matrix, _ analyzer: inout ChannelAnalyzer) {
    guard let axis = analyzer[x] else { return }
    guard axis.axis == 2 else {
      return analyzer.freeze(x, "feeds the recurrent \(w.layer), but not as its features")
    }
    analyzer.slice(w.constant, of: w.view, axis: 1, axis.channels)
    analyzer.result.shapeEntries.append(w.entry(2, axis.channels))
    analyzer.read(x, by: w.layer)
  }

  /// A state to start from: zeros of any making are left out, which is what they mean; other constants shrink.
  private static func start(
    _ node: Node, _ index: Int, _ units: [ChannelAnalysis.Channel], _ analyzer: inout ChannelAnalyzer
  ) {
    guard let name = node.input(index) else { return }
    if analyzer.known.constants[name]?.floats.allSatisfy({ $0 == 0 }) == true {
      analyzer.result.zeroInputs.append(
        ChannelAnalysis.ZeroInput(node: node.name, index: index, channels: units))
    } else if analyzer.graph.initializers[name] != nil {
      analyzer.slice(name, of: node, axis: 2, units)
    } else if let axis = analyzer[name], axis.axis == 2, analyzer.result.unite(axis.channels, units) {
      return
    } else {
      analyzer.freeze(name, "is the state that \(node.name) starts from")
      analyzer.result.freeze(units, "starts from a state that no layer makes: its units stay")
    }
  }

  /// The matrix of gates that a node reads through its view.
  private struct Matrix {
    let layer: String
    let constant: String
    let view: Node
    /// [directions, gates * hidden, inputs].
    let target: [Int]

    init?(_ node: Node, input: Int, _ part: String, _ analyzer: ChannelAnalyzer) {
      layer = "\(node.name)/\(part)"
      guard let found = analyzer.catalog[layer], found.isGates, found.obstacle == nil,
        found.sharedWith.isEmpty, let view = node.input(input).flatMap(analyzer.producer),
        view.kind == "Reshape", view.input(0) == found.weightName,
        let target = view.input(1).flatMap({ analyzer.known.constants[$0]?.integers }), target.count == 3,
        target.allSatisfy({ $0 > 0 })
      else { return nil }
      constant = found.weightName
      self.view = view
      self.target = target
    }

    func entry(_ index: Int, _ channels: [ChannelAnalysis.Channel]) -> ChannelAnalysis.ShapeEntry {
      ChannelAnalysis.ShapeEntry(
        node: view.name, input: 1, index: index, target: target, channels: channels)
    }
  }
}
