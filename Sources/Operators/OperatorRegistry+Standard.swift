extension OperatorRegistry {
  /// Every operator of the product: `ai.onnx` for inference, those of `com.microsoft` that ONNX Runtime's optimizer
  /// and quantizer emit, and QONNX's.
  package static let standard = OperatorRegistry(families: [
    elementwise, activations, math, reductions, normalizations, matrices, convolutions, pools, shapes,
    indexing,
    quantization, steps, control, attention, losses, recurrent, sequences, texts, signals, random, fused,
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
    BitwiseOperator(),
    BitCastOperator(),
    WideningOperator(base: SwiGLUOperator()),
  ]

  static let activations: [any Operator] = UnaryFunction.activations.map {
    WideningOperator(base: UnaryOperator(function: $0))
  }

  static let math: [any Operator] = UnaryFunction.math.map {
    WideningOperator(base: UnaryOperator(function: $0))
  }

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
    WideningOperator(base: HardmaxOperator()),
    WideningOperator(base: LpNormalizationOperator()),
    WideningOperator(base: MeanVarianceNormalizationOperator()),
  ]

  static let matrices: [any Operator] = [
    WideningOperator(base: MatMulOperator()),
    WideningOperator(base: GemmOperator()),
    WideningOperator(base: EinsumOperator()),
    WideningOperator(base: DetOperator()),
  ]

  static let convolutions: [any Operator] = [
    WideningOperator(base: ConvOperator()),
    WideningOperator(base: ConvTransposeOperator()),
    WideningOperator(base: DeformConvOperator()),
    WideningOperator(base: Col2ImOperator()),
  ]

  static let pools: [any Operator] = [
    WideningOperator(base: PoolOperator()),
    WideningOperator(base: GlobalPoolOperator()),
    WideningOperator(base: MaxUnpoolOperator()),
    WideningOperator(base: RoiAlignOperator()),
    WideningOperator(base: MaxRoiPoolOperator()),
  ]

  static let shapes: [any Operator] = [
    IdentityOperator(), DropoutOperator(), ReshapeOperator(), FlattenOperator(), SqueezeOperator(),
    UnsqueezeOperator(), TransposeOperator(), ConcatOperator(), SplitOperator(), SliceOperator(),
    ExpandOperator(), TileOperator(), PadOperator(), WideningOperator(base: ResizeOperator()),
    ShapeOperator(), SizeOperator(), ConstantOperator(), ConstantOfShapeOperator(),
    WideningOperator(base: RangeOperator()),
    DepthToSpaceOperator(), TriluOperator(),
    EyeLikeOperator(),
    ReverseSequenceOperator(),
    CenterCropPadOperator(),
    WideningOperator(base: GridSampleOperator()),
    WideningOperator(base: AffineGridOperator()),
    TensorScatterOperator(),
    ImageScalerOperator(), CropOperator(),
  ]

  static let indexing: [any Operator] = [
    GatherOperator(), GatherElementsOperator(), GatherNDOperator(), ScatterElementsOperator(),
    ScatterNDOperator(), OneHotOperator(),
    NonZeroOperator(),
    CompressOperator(),
    UniqueOperator(),
    NonMaxSuppressionOperator(),
  ]

  static let quantization: [any Operator] = [
    WideningOperator(base: QuantizeLinearOperator()),
    WideningOperator(base: DequantizeLinearOperator()),
    IntegerMatMulOperator(),
    IntegerConvOperator(),
    DynamicQuantizeLinearOperator(),
  ]

  /// Those of QONNX, which Brevitas and FINN write.
  static let steps: [any Operator] = [
    QuantOperator(), BipolarQuantOperator(), TruncOperator(), MultiThresholdOperator(),
  ]

  static let control: [any Operator] = [
    IfOperator(), LoopOperator(), ScanOperator(), SequenceMapOperator(),
  ]

  static let attention: [any Operator] = [
    WideningOperator(base: AttentionOperator()),
    WideningOperator(base: RotaryEmbeddingOperator()),
    WideningOperator(base: LinearAttentionOperator()),
    WideningOperator(base: CausalConvWithStateOperator()),
    FlexAttentionOperator(),
  ]

  static let losses: [any Operator] = [WideningOperator(base: NegativeLogLikelihoodLossOperator())]

  static let recurrent: [any Operator] = [WideningOperator(base: RecurrentOperator())]

  static let sequences: [any Operator] = [
    SequenceEmptyOperator(), SequenceConstructOperator(), SequencePlaceOperator(), SequenceLengthOperator(),
    ConcatFromSequenceOperator(), SplitToSequenceOperator(), OptionalOperator(),
  ]

  static let texts: [any Operator] = [
    StringConcatOperator(), StringSplitOperator(), StringNormalizerOperator(), RegexFullMatchOperator(),
    TfIdfVectorizerOperator(),
  ]

  static let signals: [any Operator] = [
    WideningOperator(base: DFTOperator()),
    WideningOperator(base: STFTOperator()),
    WindowOperator(),
  ]

  static let random: [any Operator] = [RandomOperator(), MultinomialOperator()]

  /// ONNX Runtime's own, which its optimizer and quantizer emit.
  static let fused: [any Operator] = [
    BiasGeluOperator(), FusedMatMulOperator(), FusedLayerOperator(), SkipLayerNormalizationOperator(),
    EmbedLayerNormalizationOperator(), RuntimeAttentionOperator(), MultiHeadAttentionOperator(),
    QLinearPairOperator(), QLinearUnaryOperator(), QLinearConcatOperator(), QGemmOperator(),
    MatMulIntegerToFloatOperator(), DynamicQuantizeMatMulOperator(),
    WideningOperator(base: GroupQueryAttentionOperator()), QAttentionOperator(), ChannelsLastOperator(),
    RuntimeGroupNormOperator(), BiasOperator(), FormerOperator(), GatherBlockQuantizedOperator(),
    MatMulBnb4Operator(), QEmbedLayerNormalizationOperator(), QLinearWhereOperator(),
    QLinearReduceMeanOperator(), DynamicQuantizeLSTMOperator(),
    WideningOperator(base: MatMulNBitsOperator()),
  ]
}
