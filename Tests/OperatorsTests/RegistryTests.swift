import GraphIR
import Kernels
import Operators
import Testing

@Suite("Operator registry")
struct RegistryTests {
  @Test("finds every standard operator, and none twice with different code")
  func finds() throws {
    let registry = OperatorRegistry.standard
    for kind in registry.kinds {
      let node = Node(name: "n", kind: kind, inputs: [], outputs: [])
      #expect(try registry.find(node, opset: 17).kinds.contains(kind))
    }
    #expect(registry.kinds.count > 220)
  }

  @Test("names a missing operator, its node and the way out")
  func missing() throws {
    let node = Node(name: "loop_3", kind: "Magic", inputs: [], outputs: [])
    let expected = OperatorError.unsupported(kind: "Magic", node: "loop_3", opset: 17)
    #expect(throws: expected) { try OperatorRegistry.standard.find(node, opset: 17) }
    #expect(expected.description.contains("loop_3") && expected.description.contains("Magic"))
    #expect(expected.description.contains("export the model"))
  }

  @Test("a later family overrides an earlier one")
  func overrides() throws {
    struct Mine: Operator {
      let kinds: [OperatorKind] = ["Relu"]
      func traits(of kind: OperatorKind) -> OperatorTraits { .opaque("a test") }
      func infer(_ site: OperatorSite) -> [TensorType] { [] }
      func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) -> OperatorBody {
        OperatorBody { _ in }
      }
    }
    let registry = OperatorRegistry(families: [[Mine()], [Mine()]])
    #expect(registry.kinds == ["Relu"])
  }
}
