import GraphIR
import TensorCore

/// NonMaxSuppression: per sample and class the boxes of highest score that overlap none chosen before by more than a
/// threshold, as rows (sample, class, box).
///
/// Boxes [N, boxes, 4] are two corners (y, x, y, x in any order) or, with `center_point_box`, centre and size (x, y, w, h);
/// scores are [N, classes, boxes].
struct NonMaxSuppressionOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["NonMaxSuppression"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("its output is indices") }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let boxes = try call.tensor(0, of: DataType.real)
    let scores = try call.tensor(1, of: DataType.real)
    guard boxes.shape.rank == 3, boxes.shape[2] == 4 else {
      throw call.inputError(0, expected: "of shape [N, boxes, 4]")
    }
    let (samples, count) = (boxes.shape[0], boxes.shape[1])
    guard scores.shape.rank == 3, scores.shape[0] == samples, scores.shape[2] == count else {
      throw call.inputError(1, expected: "of shape [\(samples), classes, \(count)]")
    }
    let limit = call.optionalInput(2) == nil ? 0 : try call.integer(2)
    let overlap = try call.optionalTensor(3)?.floats.first ?? 0
    let lowest = try call.optionalTensor(4)?.floats.first
    let isCentred = call.node.int("center_point_box") == 1
    let corners = Self.corners(boxes.floats, isCentred: isCentred)
    let values = scores.floats
    let classes = scores.shape[1]
    var rows: [Int64] = []
    for sample in 0..<samples {
      for member in 0..<classes {
        let start = (sample * classes + member) * count
        let order = (0..<count).filter { box in lowest.map { values[start + box] > $0 } ?? true }
          .sorted {
            values[start + $0] > values[start + $1] || (values[start + $0] == values[start + $1] && $0 < $1)
          }
        var chosen: [Int] = []
        for box in order where chosen.count < limit {
          let candidate = corners[sample * count + box]
          if chosen.contains(where: { candidate.overlap(corners[sample * count + $0]) > overlap }) {
            continue
          }
          chosen.append(box)
          rows += [Int64(sample), Int64(member), Int64(box)]
        }
      }
    }
    return [.tensor(try Tensor(shape: Shape([rows.count / 3, 3]), rows))]
  }

  private struct Box {
    let top, left, bottom, right: Float

    /// Intersection over union; 0 where either has no area.
    func overlap(_ other: Box) -> Float {
      let height = min(bottom, other.bottom) - max(top, other.top)
      let width = min(right, other.right) - max(left, other.left)
      guard height > 0, width > 0 else { return 0 }
      let shared = height * width
      let union =
        (bottom - top) * (right - left) + (other.bottom - other.top) * (other.right - other.left) - shared
      return union > 0 ? shared / union : 0
    }
  }

  private static func corners(_ values: [Float], isCentred: Bool) -> [Box] {
    stride(from: 0, to: values.count, by: 4).map { at in
      let (a, b, c, d) = (values[at], values[at + 1], values[at + 2], values[at + 3])
      return isCentred
        ? Box(top: b - d / 2, left: a - c / 2, bottom: b + d / 2, right: a + c / 2)
        : Box(top: min(a, c), left: min(b, d), bottom: max(a, c), right: max(b, d))
    }
  }
}
