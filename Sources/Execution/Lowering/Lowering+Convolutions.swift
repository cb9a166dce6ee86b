import GraphIR
import Kernels
import Operators
import TensorCore

/// Convolutions: from gathered windows, straight from the image, or a window for each channel.
extension Lowering {
  mutating func lowerConvolution(_ group: LayerGroup, _ window: WindowGeometry, groups: Int) throws {
    let layer = group.layer
    let x = try value(group.source?.name ?? layer.input, in: .channelsLast)
    let area = window.kernelHeight * window.kernelWidth
    let channels = window.channels / groups
    var offsets = [Int](repeating: 0, count: layer.depth)
    for place in 0..<area {
      for channel in 0..<channels { offsets[place * channels + channel] = channel * area + place }
    }
    let weight = try weight(of: layer)
    let outputs = layer.outputs / groups
    var selections: [KernelSelection] = []
    for index in 0..<groups {
      let matrix = LayerMatrix(
        weight, outputs: outputs, outputAxis: 0, start: index * outputs * layer.depth,
        outputStride: layer.depth,
        offsets: offsets, factors: group.factors.map { Array($0[index * outputs..<(index + 1) * outputs]) })
      let selection = select(matrix, for: group, rows: layer.rows)
      selections.append(selection)
      if groups == 1, let direct = direct(matrix, selection, for: group, window) {
        return try emit(
          group, body: direct.body(images: window.batch), x: x, layout: .channelsLast,
          run: LayerRun(direct.identity, direct.weightBytes, selection.remark),
          slicings: direct.slicings(images: window.batch), fewestSamples: 1)
      }
    }
    guard let run = LayerRun(joining: selections) else { return }
    let body = ConvolutionBody(
      window: window.kernelWindow(groupChannels: channels), kernels: selections.map(\.kernel),
      epilogue: LayerEpilogue(bias: group.bias, activation: group.activation), outputs: layer.outputs)
    try emit(
      group, body: body.body(images: window.batch), x: x, layout: .channelsLast, run: run,
      slicings: body.slicings(images: window.batch), fewestSamples: 1)
  }

  /// The layer straight from the image, which is faster than laying its windows out (by 1.1 to 2.6 times, the fewer
  /// values they hold the more) where it is multiplied from plain floats or bytes.
  private func direct(
    _ matrix: LayerMatrix, _ selection: KernelSelection, for group: LayerGroup, _ window: WindowGeometry
  ) -> DirectBody? {
    let window = window.kernelWindow(groupChannels: window.channels)
    // A band holds the padding too, which can be larger than the image by any factor.
    let framed =
      Double(window.height + window.padTop + window.padBottom)
      * Double(window.width + window.padLeft + window.padRight) * Double(window.channels)
    guard !window.isPointwise, framed < Double(1 << 28), DirectConvolution.takes(window) else { return nil }
    if group.source == nil {
      guard selection.isDenseFloat else { return nil }
    } else {
      // Codes of fewer bits have faster products.
      guard case .codes(_, .int8, _, _) = matrix.form else { return nil }
    }
    return DirectBody(
      matrix, window: window, input: group.source?.scale, target: group.target,
      epilogue: LayerEpilogue(bias: group.bias, activation: group.activation), table: table)
  }

  mutating func lowerDepthwise(_ group: LayerGroup, _ window: WindowGeometry) throws {
    let layer = group.layer
    let x = try value(group.source?.name ?? layer.input, in: .channelsLast)
    let matrix = LayerMatrix(
      try weight(of: layer), outputs: layer.outputs, outputAxis: 0, start: 0, outputStride: layer.depth,
      offsets: Array(0..<layer.depth), factors: group.factors)
    let body = DepthwiseBody(
      matrix, window: window.kernelWindow(groupChannels: layer.outputs), input: group.source?.scale,
      target: group.target,
      epilogue: LayerEpilogue(bias: group.bias, activation: group.activation), table: table)
    var remark: KernelRemark?
    switch matrix.form {
    case .codes where group.source == nil: remark = .depthwiseNeedsBytes
    case .half: remark = .depthwiseHalves
    default: if matrix.density < 0.95 { remark = .depthwiseZeros }
    }
    try emit(
      group, body: body.body(images: window.batch), x: x, layout: .channelsLast,
      run: LayerRun(body.identity, body.weightBytes, remark),
      slicings: body.slicings(images: window.batch), fewestSamples: 1)
  }
}
