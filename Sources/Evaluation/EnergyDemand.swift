import Compression
import Execution
import Kernels

/// What costs energy in one run.
package struct EnergyDemand: Hashable, Sendable {
  /// Multiply-accumulates that are carried out, by arithmetic.
  package var macs: [ArithmeticKind: Double]
  /// Bytes read and written that the last-level cache holds.
  package var cacheBytes: Int
  /// Bytes that come from main memory.
  package var memoryBytes: Int

  package init(macs: [ArithmeticKind: Double], cacheBytes: Int, memoryBytes: Int) {
    self.macs = macs
    self.cacheBytes = cacheBytes
    self.memoryBytes = memoryBytes
  }

  /// Of a run among many of a plan.
  ///
  /// Weights are counted as the kernels keep them. They are in the cache from the run before unless a run touches more than
  /// it holds; then each comes from memory again. Data was written by the step before, and comes from memory only where a
  /// step alone touches more than the cache holds.
  /// - Parameters:
  ///   - counts: multiply-adds of the graph's nodes; where they are not known those of its layers are taken.
  ///   - storedBytes: of all weights, for plans whose steps are only known while they run.
  package init(of plan: ModelPlan, counts: [String: Int]?, storedBytes: Int, cache: Int) {
    macs = Self.macs(plan, counts)
    (cacheBytes, memoryBytes) = (0, 0)
    let traffic = plan.steps.map(\.traffic)
    let weights = traffic.contains(nil) ? storedBytes : traffic.reduce(0) { $0 + ($1?.weightsRead ?? 0) }
    if weights + plan.arenaBytes > cache { memoryBytes += weights } else { cacheBytes += weights }
    for case let step? in traffic {
      let data = step.dataRead + step.dataWritten
      if data + step.weightsRead > cache { memoryBytes += data } else { cacheBytes += data }
    }
  }

  /// Each node's by the arithmetic of the step that computes it, without the zeros that its kernel leaves out.
  private static func macs(_ plan: ModelPlan, _ counts: [String: Int]?) -> [ArithmeticKind: Double] {
    var macs: [ArithmeticKind: Double] = [:]
    let layers = Dictionary(plan.layers.map { ($0.node, $0) }, uniquingKeysWith: { first, _ in first })
    guard let counts else {
      for layer in plan.layers {
        macs[ArithmeticKind(layer.kernel.arithmetic), default: 0] += Double(layer.macs) * layer.executedShare
      }
      return macs
    }
    var kernels: [String: KernelIdentity] = [:]
    for step in plan.steps {
      guard case .product(let kernel) = step.kernel else { continue }
      for node in step.nodes {
        kernels[node] = kernel
        // Nodes that stand for several have parts named NODE/PART.
        node.lastIndex(of: "/").map { kernels[String(node[..<$0])] = kernel }
      }
    }
    for (node, count) in counts {
      let arithmetic = (layers[node]?.kernel ?? kernels[node])?.arithmetic ?? .float32
      macs[ArithmeticKind(arithmetic), default: 0] += Double(count) * (layers[node]?.executedShare ?? 1)
    }
    return macs
  }
}

extension ArithmeticKind {
  fileprivate init(_ arithmetic: KernelIdentity.Arithmetic) {
    switch arithmetic {
    case .float32: self = .float32
    case .int8: self = .int8
    }
  }
}
