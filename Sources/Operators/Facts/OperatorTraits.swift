import GraphIR
import TensorCore

/// What is true of an operator kind: the one place that plans, compression, counts and gradients ask.
package struct OperatorTraits: Sendable {
  /// How elements of the outputs follow from those of the inputs.
  package let form: OperatorForm
  package let promises: OperatorPromises
  package let cost: OperatorCost

  /// Each element of the output follows from those at the same place of `operands`, which broadcast.
  /// - Parameters:
  ///   - operands: which inputs are read element by element.
  ///   - derivative: by each of them, or why there is none.
  ///   - promises: besides that of working in place.
  ///   - nanoseconds: per element on one core; nil where it takes no longer than reading and writing them.
  ///   - exception: nodes of the kind for which this does not hold.
  package static func pointwise(
    _ operands: PointwiseForm.Operands, _ derivative: Derivative, nanoseconds: Double? = nil,
    promises: OperatorPromises = [], except exception: (@Sendable (OperatorSite) -> Bool)? = nil
  ) -> OperatorTraits {
    OperatorTraits(
      form: .pointwise(PointwiseForm(operands: operands, derivative: derivative, exception: exception)),
      promises: promises.union(.inPlace), cost: OperatorCost(nanosecondsPerElement: nanoseconds))
  }

  /// Every row of the first input along some axes is worked on alone, and all rows alike.
  package static func rowwise(
    _ axes: RowAxes, _ derivative: Derivative, result: RowwiseForm.Result = .same,
    nanoseconds: Double? = nil, promises: OperatorPromises = []
  ) -> OperatorTraits {
    OperatorTraits(
      form: .rowwise(RowwiseForm(axes: axes, result: result, derivative: derivative)), promises: promises,
      cost: OperatorCost(nanosecondsPerElement: nanoseconds))
  }

  /// A structure of its own, for which every concern that cares has a rule or a reason to have none.
  package static func structured(_ multiplyAdds: MultiplyAddCount, promises: OperatorPromises = [])
    -> OperatorTraits
  {
    OperatorTraits(form: .structured, promises: promises, cost: OperatorCost(multiplyAdds: multiplyAdds))
  }

  /// Neither channels nor gradients pass, as `reason` says.
  package static func opaque(
    _ reason: String, _ multiplyAdds: MultiplyAddCount = .zero, promises: OperatorPromises = []
  ) -> OperatorTraits {
    OperatorTraits(
      form: .opaque(reason), promises: promises, cost: OperatorCost(multiplyAdds: multiplyAdds))
  }

  /// It reads or gives codes whose scales are inputs of its own: what compression can see is written out before.
  static func codes(_ multiplyAdds: MultiplyAddCount) -> OperatorTraits {
    opaque("its values are codes with scales of their own", multiplyAdds)
  }

  /// An optimizer fused it from others: what compression can see is written out before.
  static func fused(_ multiplyAdds: MultiplyAddCount) -> OperatorTraits {
    opaque("an optimizer fused it from other operators", multiplyAdds)
  }

  /// Only running it tells what it gives (`DynamicOperator`), as `reason` says.
  package static func dynamic(_ reason: String, _ multiplyAdds: MultiplyAddCount = .zero) -> OperatorTraits {
    opaque(reason, multiplyAdds, promises: .dynamic)
  }

  /// The pointwise form, where it holds for a node.
  package func pointwise(at site: OperatorSite) -> PointwiseForm? {
    guard case .pointwise(let form) = form, form.holds(at: site) else { return nil }
    return form
  }

  /// The row-wise form.
  package var rowwise: RowwiseForm? {
    if case .rowwise(let form) = form { form } else { nil }
  }
}

/// How elements of an operator's outputs follow from those of its inputs.
package enum OperatorForm: Sendable {
  case pointwise(PointwiseForm)
  case rowwise(RowwiseForm)
  /// A structure of its own: a rule in each concern that cares, keyed by kind.
  case structured
  /// Nothing passes: neither channels nor gradients. Why not.
  case opaque(String)
}
