import GraphIR
import Operators
import TensorCore

/// The types of a graph's values, for whoever has to know shapes before a plan is made.
///
/// Weights that are only stored in 16 bits count as float32.
package enum GraphTypes {
  /// What is done to a graph, once its dimensions have numbers, before its types are inferred.
  package typealias Preparation = (Graph, [String: Int]) throws -> Graph

  /// Types under a number for each symbolic dimension.
  /// - Throws: what `ShapeInference` and the preparation throw.
  package static func infer(
    _ graph: Graph, dimensions: [String: Int], prepare: Preparation = { graph, _ in graph }
  ) throws -> InferredTypes {
    try types(graph.wideningStoredHalves(keepsValues: false), dimensions, prepare)
  }

  /// Types under the first small numbers for the symbolic dimensions that fit the graph.
  /// - Throws: as `infer(_:dimensions:prepare:)`, where no number fits.
  package static func inferUnderSmallNumbers(
    _ graph: Graph, prepare: Preparation = { graph, _ in graph }
  ) throws -> InferredTypes {
    let graph = graph.wideningStoredHalves(keepsValues: false)
    let names = ShapeInference.symbolicDimensions(of: graph)
    func types(_ size: Int) throws -> InferredTypes {
      try self.types(graph, Dictionary(uniqueKeysWithValues: names.map { ($0, size) }), prepare)
    }
    // Two first: with a single sample, a reshape that mixes samples and channels could not be told from one that does not.
    if !names.isEmpty, let types = try? types(2) { return types }
    return try types(1)
  }

  private static func types(
    _ graph: Graph, _ dimensions: [String: Int], _ prepare: Preparation
  ) throws -> InferredTypes {
    try ShapeInference.inferTypes(graph: prepare(graph, dimensions), dimensions: dimensions)
  }
}
