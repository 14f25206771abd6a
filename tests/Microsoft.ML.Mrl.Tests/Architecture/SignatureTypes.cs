using System.Reflection.Metadata;

namespace Microsoft.ML.Mrl.Tests.Architecture;

/// <summary>Finds the types that a signature names: of a field, a method, a local, a type or a method specification.</summary>
internal sealed class SignatureTypes(Action<EntityHandle> found)
{
    public void Read(ref BlobReader blob)
    {
        SignatureHeader header = blob.ReadSignatureHeader();
        switch (header.Kind)
        {
            case SignatureKind.Field:
                ReadType(ref blob);
                break;
            case SignatureKind.LocalVariables or SignatureKind.MethodSpecification:
                ReadMany(ref blob, blob.ReadCompressedInteger());
                break;
            default:
                if (header.IsGeneric)
                {
                    blob.ReadCompressedInteger();
                }
                ReadMany(ref blob, blob.ReadCompressedInteger() + 1);
                break;
        }
    }

    private void ReadMany(ref BlobReader blob, int count)
    {
        for (int i = 0; i < count; i++)
        {
            ReadType(ref blob);
        }
    }

    /// <summary>Reads a type that has no header before it, as a type specification has none.</summary>
    public void ReadType(ref BlobReader blob)
    {
        int code = blob.ReadCompressedInteger();
        switch (code)
        {
            case 0x11 or 0x12: // value type, class
                found(blob.ReadTypeHandle());
                break;
            case 0x1F or 0x20: // modifiers
                found(blob.ReadTypeHandle());
                ReadType(ref blob);
                break;
            case 0x0F or 0x10 or 0x1D or 0x45 or 0x41: // pointer, by reference, array, pinned, sentinel
                ReadType(ref blob);
                break;
            case 0x13 or 0x1E: // generic parameters
                blob.ReadCompressedInteger();
                break;
            case 0x14: // array with bounds
                ReadType(ref blob);
                blob.ReadCompressedInteger();
                ReadNumbers(ref blob);
                ReadNumbers(ref blob);
                break;
            case 0x15: // generic instance
                ReadType(ref blob);
                ReadMany(ref blob, blob.ReadCompressedInteger());
                break;
            case 0x1B: // function pointer
                Read(ref blob);
                break;
        }
    }

    private static void ReadNumbers(ref BlobReader blob)
    {
        int count = blob.ReadCompressedInteger();
        for (int i = 0; i < count; i++)
        {
            blob.ReadCompressedInteger();
        }
    }
}
