import Compression
import GraphIR
import Operators
import Testing

@Suite struct ChannelRuleTests {
  private func traits(_ kind: OperatorKind) throws -> OperatorTraits {
    let node = Node(name: "n", kind: kind, inputs: [], outputs: [])
    return try OperatorRegistry.standard.find(node, opset: 17).traits(of: kind)
  }

  @Test func everyOperatorSaysWhatHappensToChannels() throws {
    for kind in OperatorRegistry.standard.kinds {
      #expect(
        ChannelRules.isAnswered(kind, try traits(kind)),
        "\(kind) has a structure of its own: write a ChannelRule, or list it among ChannelRules.stops")
    }
  }

  @Test func rulesNameOperatorsThereAreOnceEach() {
    let named = ChannelRules.named
    #expect(Set(named).count == named.count)
    #expect(Set(named).subtracting(OperatorRegistry.standard.kinds) == [])
  }
}
