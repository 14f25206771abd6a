using System.Text;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>Reads comma-separated values as RFC 4180 writes them: quoted fields may hold commas, doubled quotes and line breaks.</summary>
internal static class CsvFile
{
    public static List<string[]> Read(string path)
    {
        using var reader = new StreamReader(path);
        return Read(reader);
    }

    public static List<string[]> Read(TextReader reader)
    {
        var rows = new List<string[]>();
        var fields = new List<string>();
        var field = new StringBuilder();
        bool quoted = false;
        for (int next = reader.Read(); next >= 0; next = reader.Read())
        {
            char c = (char)next;
            if (quoted && c == '"' && reader.Peek() == '"')
            {
                field.Append((char)reader.Read());
            }
            else if (c == '"')
            {
                quoted = !quoted;
            }
            else if (quoted || c is not (',' or '\n' or '\r'))
            {
                field.Append(c);
            }
            else if (c == ',')
            {
                EndField();
            }
            else if (c == '\n')
            {
                EndRow();
            }
        }
        if (field.Length > 0 || fields.Count > 0)
        {
            EndRow();
        }
        return rows;

        void EndField()
        {
            fields.Add(field.ToString());
            field.Clear();
        }

        void EndRow()
        {
            EndField();
            rows.Add([.. fields]);
            fields.Clear();
        }
    }
}
