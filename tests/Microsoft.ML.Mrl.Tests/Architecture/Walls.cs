namespace Microsoft.ML.Mrl.Tests.Architecture;

/// <summary>Holds compiled types against the walls between rooms and between packages.</summary>
internal static class Walls
{
    /// <summary>Returns a sentence for each edge that a wall forbids. It names the two types.</summary>
    /// <param name="types">All types of all packages.</param>
    /// <param name="packages">The walls.</param>
    public static IReadOnlyList<string> Broken(IReadOnlyList<TypeUse> types, Package[] packages)
    {
        var packageOf = packages.ToDictionary(package => package.Assembly);
        var rooms = new Dictionary<TypeName, (Package Package, string Room)>();
        var broken = new List<string>();
        foreach (TypeUse type in types)
        {
            Package package = packageOf[type.Type.Assembly];
            string[] found = [.. type.Files.Select(package.RoomOf).OfType<string>().Distinct()];
            if (found.Length > 1)
            {
                broken.Add($"{type.Type.Name} lies in several rooms of {package.Name}: {string.Join(", ", found.Select(Shown))}.");
            }
            else if (found.Length == 1 && !package.Rooms.Contains(found[0]))
            {
                broken.Add($"{type.Type.Name} lies in the folder '{found[0]}' of {package.Name}, which is no room.");
            }
            else if (found.Length == 1)
            {
                rooms.Add(type.Type, (package, found[0]));
            }
        }
        foreach (TypeUse type in types.Where(type => rooms.ContainsKey(type.Type)))
        {
            (Package package, string room) = rooms[type.Type];
            foreach (TypeName use in type.Uses)
            {
                if (rooms.TryGetValue(use, out (Package Package, string Room) other) && !MayUse(package, room, other.Package, other.Room))
                {
                    broken.Add(
                        $"{type.Type.Name} ({package.Name}, {Shown(room)}) must not use {use.Name} ({other.Package.Name}, {Shown(other.Room)}).");
                }
            }
        }
        return broken;
    }

    private static bool MayUse(Package package, string room, Package other, string otherRoom) =>
        package == other
            ? Array.IndexOf(package.Rooms, otherRoom) <= Array.IndexOf(package.Rooms, room)
            : package.Uses.Contains(other.Name);

    private static string Shown(string room) => room.Length == 0 ? "the project's own folder" : room;
}
