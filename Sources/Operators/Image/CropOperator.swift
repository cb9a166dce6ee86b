import GraphIR
import TensorCore

/// Crop: an image [samples, channels, height, width] without its borders [left, top, right, bottom]; where `scale`
/// [height, width] is given, that size from the left and top border on.
///
/// Experimental in ONNX up to operator set 9; Core ML and WinML tools write it.
struct CropOperator: CompositeOperator {
  let kinds: [OperatorKind] = ["Crop"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let window = try CropWindow(steps.site)
    return [
      try steps.add(
        "Slice",
        [
          steps.required(0), Composition.integers(window.starts), Composition.integers(window.ends),
          Composition.integers([2, 3]),
        ])
    ]
  }
}

/// The rows and columns of an image that a Crop keeps.
package struct CropWindow: Sendable {
  /// The first row and column.
  package let starts: [Int]
  /// Those behind the last.
  package let ends: [Int]

  /// - Throws: `OperatorError` where the node crops what is no image, or more than there is.
  package init(_ site: OperatorSite) throws {
    let shape = try site.input(0).shape
    guard shape.rank == 4 else { throw site.inputError(0, expected: "an image [n, c, h, w]") }
    let size = try site.ints("scale")
    let given = try site.ints("border")
    let border = given ?? (size == nil ? [] : [0, 0, 0, 0])
    let limit = 0...OperatorSite.magnitudeLimit
    guard border.count == 4, border.allSatisfy(limit.contains) else {
      throw site.attributeError(
        "border", expected: "left, top, right and bottom", found: given.map { "\($0)" } ?? "absent")
    }
    if let size, size.count != 2 || !size.allSatisfy(limit.contains) {
      throw site.attributeError("scale", expected: "a height and a width", found: "\(size)")
    }
    starts = [border[1], border[0]]
    ends =
      size.map { [border[1] + $0[0], border[0] + $0[1]] } ?? [shape[2] - border[3], shape[3] - border[2]]
    guard zip(starts, ends).allSatisfy({ $0 <= $1 }), ends[0] <= shape[2], ends[1] <= shape[3] else {
      throw site.attributeError(
        "border", expected: "to stay within \(shape)",
        found: "rows \(starts[0])..<\(ends[0]), columns \(starts[1])..<\(ends[1])")
    }
  }
}
