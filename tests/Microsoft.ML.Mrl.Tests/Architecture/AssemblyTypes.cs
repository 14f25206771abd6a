using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Microsoft.ML.Mrl.Tests.Architecture;

/// <summary>Reads which type leans on which out of a compiled assembly and its portable PDB.</summary>
internal sealed class AssemblyTypes
{
    private static readonly Guid TypeDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");
    private readonly MetadataReader _metadata;
    private readonly MetadataReader _symbols;
    private readonly PEReader _image;

    private AssemblyTypes(PEReader image, MetadataReader symbols)
    {
        _image = image;
        _metadata = image.GetMetadataReader();
        _symbols = symbols;
    }

    /// <summary>Reads every outermost type of an assembly, with the file it is declared in and all the types it names.</summary>
    public static IReadOnlyList<TypeUse> Read(string assemblyPath)
    {
        using var image = new PEReader(File.OpenRead(assemblyPath));
        using MetadataReaderProvider symbols = MetadataReaderProvider.FromPortablePdbStream(
            File.OpenRead(Path.ChangeExtension(assemblyPath, ".pdb")));
        return new AssemblyTypes(image, symbols.GetMetadataReader()).ReadTypes();
    }

    private List<TypeUse> ReadTypes()
    {
        string assembly = _metadata.GetString(_metadata.GetAssemblyDefinition().Name);
        var types = new Dictionary<string, (HashSet<string> Files, HashSet<TypeName> Uses)>();
        var visible = new HashSet<string>();
        foreach (TypeDefinitionHandle handle in _metadata.TypeDefinitions)
        {
            string name = Outermost(handle);
            if (!types.TryGetValue(name, out (HashSet<string> Files, HashSet<TypeName> Uses) found))
            {
                types.Add(name, found = ([], []));
            }
            if ((_metadata.GetTypeDefinition(handle).Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public)
            {
                visible.Add(name);
            }
            found.Files.UnionWith(Files(handle));
            found.Uses.UnionWith(Uses(handle));
        }
        return [.. types.Select(type => new TypeUse(
            new TypeName(assembly, type.Key),
            visible.Contains(type.Key),
            [.. type.Value.Files.Order(StringComparer.Ordinal)],
            [.. type.Value.Uses.Where(use => use.Name != type.Key || use.Assembly != assembly)]))];
    }

    private string Outermost(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil)
        {
            type = _metadata.GetTypeDefinition(type.GetDeclaringType());
        }
        return FullName(_metadata.GetString(type.Namespace), _metadata.GetString(type.Name));
    }

    private static string FullName(string space, string name) => space.Length == 0 ? name : $"{space}.{name}";

    private IEnumerable<string> Files(TypeDefinitionHandle handle)
    {
        foreach (MethodDefinitionHandle method in _metadata.GetTypeDefinition(handle).GetMethods())
        {
            MethodDebugInformation debug = _symbols.GetMethodDebugInformation(method);
            if (!debug.Document.IsNil)
            {
                yield return DocumentName(debug.Document);
            }
            else if (!debug.SequencePointsBlob.IsNil)
            {
                foreach (SequencePoint point in debug.GetSequencePoints())
                {
                    yield return DocumentName(point.Document);
                }
            }
        }
        foreach (CustomDebugInformationHandle handleOfInformation in _symbols.GetCustomDebugInformation(handle))
        {
            CustomDebugInformation information = _symbols.GetCustomDebugInformation(handleOfInformation);
            if (_symbols.GetGuid(information.Kind) != TypeDocuments)
            {
                continue;
            }
            BlobReader blob = _symbols.GetBlobReader(information.Value);
            while (blob.RemainingBytes > 0)
            {
                yield return DocumentName(MetadataTokens.DocumentHandle(blob.ReadCompressedInteger()));
            }
        }
    }

    private string DocumentName(DocumentHandle document) =>
        _symbols.GetString(_symbols.GetDocument(document).Name).Replace('\\', '/');

    private HashSet<TypeName> Uses(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        var uses = new HashSet<TypeName>();
        Add(uses, type.BaseType);
        foreach (InterfaceImplementationHandle implementation in type.GetInterfaceImplementations())
        {
            Add(uses, _metadata.GetInterfaceImplementation(implementation).Interface);
        }
        AddParameters(uses, type.GetGenericParameters());
        AddAttributes(uses, type.GetCustomAttributes());
        foreach (FieldDefinitionHandle field in type.GetFields())
        {
            FieldDefinition definition = _metadata.GetFieldDefinition(field);
            AddSignature(uses, definition.Signature);
            AddAttributes(uses, definition.GetCustomAttributes());
        }
        foreach (PropertyDefinitionHandle property in type.GetProperties())
        {
            AddAttributes(uses, _metadata.GetPropertyDefinition(property).GetCustomAttributes());
        }
        foreach (MethodDefinitionHandle method in type.GetMethods())
        {
            AddMethod(uses, _metadata.GetMethodDefinition(method));
        }
        return uses;
    }

    private void AddMethod(HashSet<TypeName> uses, MethodDefinition method)
    {
        AddSignature(uses, method.Signature);
        AddParameters(uses, method.GetGenericParameters());
        AddAttributes(uses, method.GetCustomAttributes());
        if (method.RelativeVirtualAddress == 0)
        {
            return;
        }
        MethodBodyBlock body = _image.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
        {
            AddSignature(uses, _metadata.GetStandaloneSignature(body.LocalSignature).Signature);
        }
        foreach (ExceptionRegion region in body.ExceptionRegions)
        {
            Add(uses, region.CatchType);
        }
        BlobReader code = body.GetILReader();
        foreach (EntityHandle token in InstructionTokens.Read(code))
        {
            Add(uses, token);
        }
    }

    private void AddParameters(HashSet<TypeName> uses, GenericParameterHandleCollection parameters)
    {
        foreach (GenericParameterHandle parameter in parameters)
        {
            foreach (GenericParameterConstraintHandle constraint in _metadata.GetGenericParameter(parameter).GetConstraints())
            {
                Add(uses, _metadata.GetGenericParameterConstraint(constraint).Type);
            }
        }
    }

    private void AddAttributes(HashSet<TypeName> uses, CustomAttributeHandleCollection attributes)
    {
        foreach (CustomAttributeHandle attribute in attributes)
        {
            Add(uses, _metadata.GetCustomAttribute(attribute).Constructor);
        }
    }

    private void AddSignature(HashSet<TypeName> uses, BlobHandle signature)
    {
        BlobReader blob = _metadata.GetBlobReader(signature);
        new SignatureTypes(found => Add(uses, found)).Read(ref blob);
    }

    private void Add(HashSet<TypeName> uses, EntityHandle handle)
    {
        if (handle.IsNil)
        {
            return;
        }
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                uses.Add(
                    new TypeName(_metadata.GetString(_metadata.GetAssemblyDefinition().Name), Outermost((TypeDefinitionHandle)handle)));
                break;
            case HandleKind.TypeReference:
                uses.Add(Name((TypeReferenceHandle)handle));
                break;
            case HandleKind.TypeSpecification:
                BlobReader blob = _metadata.GetBlobReader(_metadata.GetTypeSpecification((TypeSpecificationHandle)handle).Signature);
                new SignatureTypes(found => Add(uses, found)).ReadType(ref blob);
                break;
            case HandleKind.MethodDefinition:
                Add(uses, _metadata.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                break;
            case HandleKind.FieldDefinition:
                Add(uses, _metadata.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                break;
            case HandleKind.MemberReference:
                MemberReference member = _metadata.GetMemberReference((MemberReferenceHandle)handle);
                Add(uses, member.Parent);
                AddSignature(uses, member.Signature);
                break;
            case HandleKind.MethodSpecification:
                MethodSpecification method = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                Add(uses, method.Method);
                AddSignature(uses, method.Signature);
                break;
            case HandleKind.StandaloneSignature:
                AddSignature(uses, _metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle).Signature);
                break;
        }
    }

    private TypeName Name(TypeReferenceHandle handle)
    {
        TypeReference type = _metadata.GetTypeReference(handle);
        while (type.ResolutionScope.Kind == HandleKind.TypeReference)
        {
            type = _metadata.GetTypeReference((TypeReferenceHandle)type.ResolutionScope);
        }
        string assembly = type.ResolutionScope.Kind == HandleKind.AssemblyReference
            ? _metadata.GetString(_metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name)
            : "";
        return new TypeName(assembly, FullName(_metadata.GetString(type.Namespace), _metadata.GetString(type.Name)));
    }
}
