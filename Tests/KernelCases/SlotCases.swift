/// A case for every slot of the kernel lists.
package enum SlotCases {
  package static let all: [SlotCase] =
    GemmCases.all + HalfCases.all + SparseCases.all + BlockCases.all + PatternCases.all + ConvolutionCases.all
    + DepthwiseCases.all + IntegerCases.all + PackedCases.all + FixedCases.all + ProbeCases.all
    + VectorPairCases.all + VectorElementCases.all + VectorRowCases.all + VectorPoolCases.all
    + VectorConversionCases.all + VectorProductCases.all + VectorRecurrentCases.all
    + VectorCompressionCases.all
}
