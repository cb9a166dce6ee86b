extension PassList {
  /// Rewrites that leave what a graph computes as it is, but for rounding, and make it faster to run. They ask for the
  /// types of all values.
  package static let fusion = PassList(
    name: "fusion",
    passes: [
      RemoveIdentities(), FuseGelu(), FuseHardSwish(), FuseLayerNormalization(), UnsignQuantizers(),
      MergeQuantizers(), CancelQuantizers(), HoistQuantizers(),
      CancelQuantizers(), MergeQuantizers(), RemoveDeadNodes(),
    ])
}
