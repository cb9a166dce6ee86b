extension ValueInfo {
  /// The sizes that data for it has, nil where any will do, such as the number of samples; nil where not even the rank is
  /// known.
  package func sizes(_ place: SamplePlace) -> [Int?]? {
    guard let dimensions else { return nil }
    var sizes: [Int?] = dimensions.map { if case .fixed(let size) = $0 { size } else { nil } }
    switch place {
    case .axis(let axis): if sizes.indices.contains(axis) { sizes[axis] = nil }
    case .whole: sizes.insert(nil, at: 0)
    case .shared: break
    }
    return sizes
  }

  /// The same for people: "N" for the number of samples, "?" for what has neither size nor name.
  package func sizeTexts(_ place: SamplePlace) -> [String] {
    var texts = (dimensions ?? []).map { dimension in
      switch dimension {
      case .fixed(let size): "\(size)"
      case .symbolic(let name): name.isEmpty ? "?" : name
      }
    }
    switch place {
    case .axis(let axis): if texts.indices.contains(axis) { texts[axis] = "N" }
    case .whole: texts.insert("N", at: 0)
    case .shared: break
    }
    return texts
  }
}
