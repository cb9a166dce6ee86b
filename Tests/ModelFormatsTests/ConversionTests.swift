import ModelFormats
import TensorCore
import Testing

@Suite("Conversions of element types")
struct ConversionTests {
  private let conversion = Conversion(file: "data.npz", array: "x")

  @Test("a number that does not fit is refused by name, never made infinite")
  func overflow() throws {
    let doubles = try Tensor(shape: [2], [1.5, 1e300])
    let floats = try Tensor(shape: [2], [Float(1.5), 1e38])
    for (tensor, type) in [(doubles, DataType.float32), (doubles, .float16), (floats, .float16)] {
      let error = #expect(throws: FormatError.self) { try conversion(tensor, to: type) }
      #expect("\(error.map { "\($0)" } ?? "")".contains("numbers that fit"), "\(type)")
    }
    let largest = try Tensor(shape: [1], [Float.greatestFiniteMagnitude])
    #expect(throws: FormatError.self) { try conversion(largest, to: .bfloat16) }
  }

  @Test("what is infinite or undefined stays so, and what has the type stays exact")
  func kept() throws {
    let odd = try Tensor(shape: [3], [Double.infinity, -.infinity, .nan])
    let short = try conversion(odd, to: .float16).floats
    #expect(short[0] == .infinity && short[1] == -.infinity && short[2].isNaN)
    let exact = try Tensor(shape: [2], [0.1, 1e300])
    #expect(try conversion(exact, to: .float64).withElements(of: Double.self) { Array($0) } == [0.1, 1e300])
  }
}
