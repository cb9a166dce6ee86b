import GraphIR
import Kernels
import Operators
import TensorCore

extension Lowering {
  /// Adds the step of a weight layer and of everything fused into it.
  mutating func lower(_ group: LayerGroup) throws {
    switch group.layer.form {
    case .product(let rows, _): try lowerProduct(group, rows: rows)
    case .convolution(let window, let groups):
      if group.layer.isDepthwise {
        try lowerDepthwise(group, window)
      } else {
        try lowerConvolution(group, window, groups: groups)
      }
    }
  }

  var selector: KernelSelector {
    KernelSelector(table: table, policy: options.forms, choices: options.choices)
  }

  func select(_ matrix: LayerMatrix, for group: LayerGroup, rows: Int) -> KernelSelection {
    selector.select(
      matrix, input: group.source?.scale, target: group.target, rows: rows,
      layer: graph.nodes[group.layer.node].name)
  }

  func weight(of layer: WeightLayer) throws -> Weight {
    guard let weight = graph.initializers[layer.weight] else {
      throw GraphError.undefinedValue(name: layer.weight, node: graph.nodes[layer.node].name)
    }
    return weight
  }

  /// - Parameter head: the product before it that the same step computes, and how that runs.
  mutating func emit(
    _ group: LayerGroup, head: (group: LayerGroup, run: LayerRun)? = nil, body: OperatorBody, x: ValueID,
    layout: Layout, run: LayerRun, slicings: [Slicing], fewestSamples: Int?
  ) throws {
    let residual = try group.residual.map { try value($0, in: layout) }
    var inputs: [ValueID?] = [x, residual]
    if let measured = group.measured {
      inputs += [try value(measured.scale, in: .plain), try value(measured.zeroPoint, in: .plain)]
    }
    let output = define(group.output, as: layout, home: .arena)
    let own = group.nodes.map { graph.nodes[$0] }
    let nodes = (head?.group.nodes.map { graph.nodes[$0] } ?? []) + own
    let layer = group.layer
    let weights = layer.weights + (head?.group.layer.weights ?? 0)
    // About 30 multiply-accumulates a nanosecond, or 20 bytes of weights.
    let nanoseconds = max(Double(layer.rows * weights) / 30, Double(weights) / 5)
    let biasBytes = group.bias.count * MemoryLayout<Float>.stride
    let kernel = head.map { KernelIdentity(pairing: $0.run.kernel, run.kernel) } ?? run.kernel
    program.steps.append(
      Program.Step(
        title: nodes.map(\.kind.description).joined(separator: "+"), nodes: nodes.map(\.name),
        kernel: .product(kernel), layer: own[0].name, body: body,
        weightBytes: run.weightBytes + biasBytes + (head?.run.weightBytes ?? 0), inputs: inputs,
        outputs: [output], slicings: slicings, nanoseconds: nanoseconds, fewestSamples: fewestSamples))
    if let head {
      program.layers.append(head.run.planned(head.group.layer, name: graph.nodes[head.group.layer.node].name))
    }
    program.layers.append(run.planned(layer, name: own[0].name, biasBytes: biasBytes))
  }
}
