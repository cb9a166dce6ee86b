import KernelCases
import Kernels
import Testing

/// The kernel lists, walked: every slot has a case, and every kernel that this machine runs gives what a plain scalar
/// reference does.
@Suite("Kernels of the lists")
struct SlotTests {
  @Test("every slot has one case, and every case a slot")
  func everySlotHasACase() {
    let slots = KernelDescription.slots + VectorTable.names
    let cases = SlotCases.all.map(\.slot)
    #expect(Set(slots).subtracting(cases) == [], "slots without a case in Tests/KernelCases")
    #expect(Set(cases).subtracting(slots) == [], "cases of slots that are in no list")
    #expect(cases.count == Set(cases).count && slots.count == Set(slots).count)
  }

  @Test("tables hold the kernels that the list names")
  func tablesFollowTheList() {
    var met: Set<KernelDescription> = []
    for level in levels {
      let table = KernelTable.for(level)
      for slot in KernelDescription.slots {
        guard let listed = table.kernel(in: slot) else { continue }
        met.insert(listed)
        let found = SlotCases.all.first { $0.slot == slot }?.kernel(table)
        #expect(found == listed.name, "\(slot) at \(level)")
      }
    }
    // None is hidden by a later line of its own level.
    #expect(met == Set(KernelDescription.all.filter { $0.level <= .detected }))
  }

  @Test("every kernel agrees with the plain reference", arguments: levels, SlotCases.all)
  func agrees(_ level: CPUFeatureLevel, _ item: SlotCase) {
    let table = KernelTable.for(level)
    for seed in 1...60 as ClosedRange<UInt64> {
      var source = ProblemSource(seed: seed)
      guard let trial = item.make(table, &source) else { return }
      trial.run()
      let error = trial.error()
      #expect(error <= 1, "\(item.kernel(table) ?? item.slot), \(trial.label), problem \(seed)")
    }
  }
}

extension SlotCase: CustomTestStringConvertible {
  public var testDescription: String { slot }
}
