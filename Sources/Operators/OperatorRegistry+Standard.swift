extension OperatorRegistry {
  /// Every operator of the product: `ai.onnx` opset 7 to 21 for inference, and a few of `com.microsoft`.
  package static let standard = OperatorRegistry(families: [
    elementwise, activations, reductions, normalizations, matrices, convolutions, pools, shapes, indexing,
    quantization, control,
  ])

  static let elementwise: [any Operator] = [
    WideningOperator(base: PairwiseOperator()),
    WideningOperator(base: VariadicOperator()),
    WideningOperator(base: ComparisonOperator()),
    LogicalOperator(),
    WhereOperator(),
    WideningOperator(base: ClipOperator()),
    WideningOperator(base: FloatTestOperator()),
    CastOperator(),
  ]

  static let activations: [any Operator] = [
    WideningOperator(base: UnaryOperator())
  ]

  static let reductions: [any Operator] = [
    WideningOperator(base: ReduceOperator()),
    WideningOperator(base: ArgExtremeOperator()),
    WideningOperator(base: CumSumOperator()),
    WideningOperator(base: TopKOperator()),
  ]

  static let normalizations: [any Operator] = [
    WideningOperator(base: SoftmaxOperator()),
    WideningOperator(base: BatchNormalizationOperator()),
    WideningOperator(base: InstanceNormalizationOperator()),
    WideningOperator(base: GroupNormalizationOperator()),
    WideningOperator(base: LayerNormalizationOperator()),
    WideningOperator(base: LocalResponseNormalizationOperator()),
  ]

  static let matrices: [any Operator] = [
    WideningOperator(base: MatMulOperator()),
    WideningOperator(base: GemmOperator()),
    WideningOperator(base: EinsumOperator()),
  ]

  static let convolutions: [any Operator] = [
    WideningOperator(base: ConvOperator()),
    WideningOperator(base: ConvTransposeOperator()),
  ]

  static let pools: [any Operator] = [
    WideningOperator(base: PoolOperator()),
    WideningOperator(base: GlobalPoolOperator()),
  ]

  static let shapes: [any Operator] = [
    IdentityOperator(), DropoutOperator(), ReshapeOperator(), FlattenOperator(), SqueezeOperator(),
    UnsqueezeOperator(), TransposeOperator(), ConcatOperator(), SplitOperator(), SliceOperator(),
    ExpandOperator(), TileOperator(), PadOperator(), WideningOperator(base: ResizeOperator()),
    ShapeOperator(), SizeOperator(), ConstantOperator(), ConstantOfShapeOperator(), RangeOperator(),
    DepthToSpaceOperator(), TriluOperator(),
  ]

  static let indexing: [any Operator] = [
    GatherOperator(), GatherElementsOperator(), GatherNDOperator(), ScatterElementsOperator(),
    ScatterNDOperator(), OneHotOperator(),
  ]

  static let quantization: [any Operator] = [
    WideningOperator(base: QuantizeLinearOperator()),
    WideningOperator(base: DequantizeLinearOperator()),
  ]

  static let control: [any Operator] = [
    IfOperator(), LoopOperator(), ScanOperator(), SequenceMapOperator(),
  ]
}
