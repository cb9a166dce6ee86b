/// An integer form that yields panels for the tile driver: what all of them multiply alike.
protocol TiledIntegerMatrix: IntegerMatrixKernel {
  associatedtype Source: IntegerPanelSource
  var tiles: IntegerTiles { get }
  var side: IntegerOutputs { get }
  var source: Source { get }
}

extension TiledIntegerMatrix {
  package var outputs: Int { tiles.outputs }
  package var inputs: Int { tiles.inputs }

  package func scratchBytes(rows: Int) -> Int {
    let source = source
    return tiles.scratchBytes(rows: rows, tileBytes: source.usesTile ? source.panelBytes : 0)
  }

  package func multiply(
    rows: Int, x: UnsafePointer<UInt8>, ldx: Int, input: ByteScale, y: UnsafeMutablePointer<Float>, ldy: Int,
    epilogue: Epilogue, scratch: UnsafeMutableRawPointer
  ) {
    tiles.multiply(
      source, side, rows: rows, x: x, ldx: ldx, input: input, y: y, ldy: ldy, output: nil, epilogue: epilogue,
      scratch: scratch)
  }

  package func multiply(
    rows: Int, x: UnsafePointer<UInt8>, ldx: Int, input: ByteScale, y: UnsafeMutablePointer<UInt8>, ldy: Int,
    output: ByteScale, epilogue: Epilogue, scratch: UnsafeMutableRawPointer
  ) {
    tiles.multiply(
      source, side, rows: rows, x: x, ldx: ldx, input: input, y: y, ldy: ldy, output: output,
      epilogue: epilogue, scratch: scratch)
  }
}
