import CKernels

extension ck_f32_store {
  /// A whole finishing step for `epilogue`, without bias and residual until `move`.
  init(_ epilogue: Epilogue) {
    let bounds = epilogue.activation.bounds
    self.init(
      scale: nil, bias: nil, residual: nil, residual_stride: epilogue.ldr, lo: bounds.low, hi: bounds.high,
      accumulate: 0, finish: 1)
  }

  /// Points bias and residual at the tile whose first element is (row, column).
  mutating func move(_ epilogue: Epilogue, row: Int, column: Int) {
    bias = epilogue.bias.map { $0 + column }
    residual = epilogue.residual.map { $0 + (row * epilogue.ldr + column) }
  }
}
