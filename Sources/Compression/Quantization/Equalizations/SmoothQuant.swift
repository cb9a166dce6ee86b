import Recipes

extension Equalization {
  /// s = max|X_j|^a / max|W_j|^(1 - a) with a = 0.5.
  package static let smoothQuant = Equalization(
    "smoothquant",
    MethodNote(
      "Moves outliers of activations into the weights, so that both quantize well.",
      needs: .calibrationData, source: "Xiao et al. 2023, arXiv:2211.10438"),
    inputs: InputFactors { readers in
      var weights = readers[0].channels.largest(readers[0].matrix)
      for reader in readers.dropFirst() {
        weights = zip(weights, reader.channels.largest(reader.matrix)).map(max)
      }
      let inputs = readers[0].channels.combined(readers[0].inputs.largest, 0, max)
      return zip(inputs, weights).map { input, weight in
        input > 0 && weight > 0 ? min(max((input / weight).squareRoot(), 1e-5), 1e5) : 1
      }
    })
}
