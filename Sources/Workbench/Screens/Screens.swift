/// Every screen of the application.
package enum Screens {
  /// In the order in which they follow each other; the first is in front at the start.
  package static var all: [any Screen] {
    [
      ExploreScreen(), TriedScreen(),
    ]
  }
}
